"""What frequency caps would say at an instant, they say in the claim of that instant."""

from datetime import timedelta

import pytest
from django.utils import timezone

from automation.core.lanes import Lane
from automation.delivery.room import Room
from automation.models import Message
from tests.factories import make_account, make_cap, make_contact, make_message, make_topic

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ana():
    return make_contact(email="ana@example.com")


@pytest.fixture
def offers():
    return make_topic()


@pytest.fixture
def sent(ana, offers):
    def send(claimed_at, **fields):
        return make_message(**{"contact": ana, "topic": offers, "status": "sent", "claimed_at": claimed_at, **fields})

    return send


@pytest.fixture
def caps(ana, offers):
    """The caps as a claim reads them."""

    def read():
        message = make_message(contact=ana, topic=offers, account=make_account())
        [due] = Message.objects.lock_due(message.account, Lane.TRIGGERED, timezone.now(), 1)
        return due.caps

    return read


def room_of(contact, topic, caps, since, lane=Lane.TRIGGERED):
    return Room(Message(contact_id=contact.pk, topic_id=topic and topic.pk, lane=lane), caps=caps, since=since)


def test_there_is_room_from_the_instant_at_which_the_oldest_no_longer_counts(ana, offers, sent, caps):
    make_cap(limit=2)
    at = timezone.now()
    oldest, _ = sent(at - 6 * DAY), sent(at - HOUR)
    room = room_of(ana, offers, caps(), at)

    over = room.ask(at, capped_at=None)

    assert over == ("capped: Not too often", at, oldest.claimed_at + 7 * DAY, True)
    assert room.ask(over.room_at - timedelta(microseconds=1), capped_at=at)
    assert room.ask(over.room_at, capped_at=at) is None


def test_what_it_lets_go_counts_from_then_on_and_not_before(ana, offers, caps):
    make_cap()
    at = timezone.now()
    room = room_of(ana, offers, caps(), at)

    assert room.ask(at + DAY, capped_at=None) is None
    assert room.ask(at + 2 * DAY, capped_at=None).room_at == at + 8 * DAY
    assert room.ask(at, capped_at=None) is None


def test_what_was_sent_only_later_does_not_count_yet(ana, offers, sent, caps):
    make_cap()
    now = timezone.now()
    sent(now)
    room = room_of(ana, offers, caps(), now - 3 * DAY)

    assert room.ask(now + DAY, capped_at=None).room_at == now + 7 * DAY
    assert room.ask(now - 3 * DAY, capped_at=None) is None


def test_more_than_the_limit_were_sent_before_there_was_a_cap(ana, offers, sent, caps):
    make_cap(limit=1)
    now = timezone.now()
    for days in (5, 4, 1):
        sent(now - days * DAY)
    sent(now - HOUR, status="withheld")
    sent(now - HOUR, contact=make_contact())

    assert room_of(ana, offers, caps(), now).ask(now, capped_at=None).room_at == now + 6 * DAY


def test_patience_counts_from_when_it_was_first_held_up(ana, offers, sent, caps):
    make_cap(period=3 * DAY, patience=DAY)
    now = timezone.now()
    sent(now - 2 * DAY)
    room = room_of(ana, offers, caps(), now)

    assert room.ask(now, capped_at=None).waits
    assert not room.ask(now, capped_at=now - DAY).waits


@pytest.mark.parametrize("topic", ["none", "another"])
def test_no_cap_covers_what_is_transactional_or_about_another_topic(ana, offers, sent, caps, topic):
    make_cap(topic=offers)
    now = timezone.now()
    sent(now)

    room = room_of(ana, None if topic == "none" else make_topic(), caps(), now)

    assert room.ask(now, capped_at=None) is None


@pytest.mark.parametrize(("count", "statements"), [(0, 0), (1, 1), (3, 1)])
def test_it_costs_one_statement_however_many_caps_and_instants(
    ana, offers, caps, django_assert_num_queries, count, statements
):
    for number in range(count):
        make_cap(name=str(number))
    now, text = timezone.now(), caps()

    with django_assert_num_queries(statements):
        room = room_of(ana, offers, text, now)
        for days in range(9):
            room.ask(now + days * DAY, capped_at=None)
