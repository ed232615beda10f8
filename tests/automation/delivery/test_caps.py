"""Nobody gets more mails than a cap allows, over all flows, however many workers claim at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic, sleep

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from automation.core.lanes import Lane
from automation.delivery.claim import claim
from automation.delivery.foresee import Fate, foresee
from automation.delivery.models.messages import COUNTED
from automation.models import Contact, Flow, FrequencyCap, Message
from suppression.address import hash_address
from tests.factories import (
    make_account,
    make_cap,
    make_contact,
    make_live_flow,
    make_message,
    make_template,
    make_topic,
)
from tests.suppression.factories import make_suppression

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def account():
    return make_account()


@pytest.fixture
def offers():
    return make_topic()


@pytest.fixture
def ana():
    return make_contact(email="ana@example.com")


@pytest.fixture
def queued(account, offers, ana):
    """Queue a marketing message, to Ana and about offers unless it is said otherwise."""
    template = make_template()

    def queue(**fields):
        contact = fields.get("contact", ana)
        to = contact.email if contact else "ana@example.com"
        given = {"account": account, "topic": offers, "contact": ana, "to_email": to, "template": template, **fields}
        return make_message(**given)

    return queue


@pytest.fixture
def sent(queued):
    """A message that was claimed so long ago, and sent."""
    return lambda ago, **fields: queued(**{"status": "sent", "claimed_at": timezone.now() - ago, **fields})


def go_out(account, lane=Lane.TRIGGERED, limit=50):
    return [one.claim.message_id for one in claim(account=account, lane=lane, limit=limit, epoch=7).claimed]


def test_what_was_sent_counts_and_the_next_waits_until_there_is_room(account, queued, sent):
    make_cap(limit=2)
    sent(6 * DAY)
    later = sent(2 * DAY)
    message = queued()

    assert go_out(account) != [message.pk]

    message.refresh_from_db()
    first = Message.objects.exclude(pk__in=[later.pk, message.pk]).get()
    assert (message.status, message.reason) == ("queued", "capped: Not too often")
    assert message.due_at == first.claimed_at + 7 * DAY
    assert timezone.now() - message.capped_at < HOUR


def test_there_is_room_again_once_the_window_has_moved_on(account, queued, sent):
    make_cap(limit=1)
    sent(7 * DAY + timedelta(minutes=1))
    message = queued()

    assert go_out(account) == [message.pk]


def test_of_several_in_one_batch_as_many_go_as_there_is_room_for_the_first_first(account, queued, sent):
    make_cap(limit=3)
    sent(HOUR)
    messages = [queued(due_at=timezone.now() - n * timedelta(minutes=1)) for n in (1, 4, 3, 2)]

    assert set(go_out(account)) == {messages[1].pk, messages[2].pk}


@pytest.mark.parametrize("status", COUNTED)
def test_whatever_the_esp_has_or_may_have_counts(account, queued, sent, status):
    make_cap()
    sent(HOUR, status=status)
    queued()

    assert go_out(account) == []


@pytest.mark.parametrize("status", sorted({*Message.Status.values} - {*COUNTED}))
def test_what_did_not_go_out_does_not(account, queued, sent, status):
    make_cap()
    sent(HOUR, status=status, due_at=timezone.now() + HOUR)
    message = queued()

    assert go_out(account) == [message.pk]


def test_a_cap_left_empty_is_no_cap(account, queued, sent):
    """Mautic's was 0 by default, and stopped everything."""
    make_cap(limit=None)
    sent(HOUR)
    message = queued()

    assert go_out(account) == [message.pk]


def test_a_cap_of_nothing_cannot_be_stored():
    with pytest.raises(IntegrityError, match="frequency_cap_limit"), transaction.atomic():
        make_cap(limit=0)


def test_a_cap_that_is_switched_off_is_no_cap(account, queued, sent):
    make_cap(enabled=False)
    sent(HOUR)
    message = queued()

    assert go_out(account) == [message.pk]


def test_transactional_mail_neither_counts_nor_is_capped(account, queued, sent):
    make_cap()
    sent(HOUR, topic=None)
    receipts = [queued(topic=None) for _ in range(3)]
    message = queued()

    assert set(go_out(account, Lane.TRANSACTIONAL)) == {receipt.pk for receipt in receipts}
    assert go_out(account) == [message.pk]


def test_flows_share_a_cap(account, queued):
    make_cap()
    first, second = (make_live_flow(topic=make_topic()) for _ in range(2))
    for flow in (first, second):
        queued(topic=flow.topic, flow_version=flow.live_version)

    assert len(go_out(account)) == 1
    assert {message.status for message in Message.objects.all()} == {"sending", "queued"}


def test_a_cap_of_one_topic_leaves_others_alone(account, queued, sent, offers):
    make_cap(topic=offers)
    sent(HOUR)
    about_offers, about_news = queued(), queued(topic=make_topic())

    assert go_out(account) == [about_news.pk]
    about_offers.refresh_from_db()
    assert about_offers.reason == "capped: Not too often"


def test_a_cap_of_one_lane_counts_and_stops_that_lane_only(account, queued, sent):
    make_cap(lane=Lane.BULK)
    sent(HOUR, lane=Lane.BULK)
    bulk, triggered = queued(lane=Lane.BULK), queued()

    assert go_out(account, Lane.BULK) == []
    assert go_out(account) == [triggered.pk]
    bulk.refresh_from_db()
    assert bulk.status == "queued"


def test_others_have_room_of_their_own(account, queued, sent):
    make_cap()
    sent(HOUR)
    bens = queued(contact=make_contact())

    assert go_out(account) == [bens.pk]


def test_mail_of_an_erased_contact_is_nobodys(account, queued):
    make_cap()
    messages = [queued(contact=None) for _ in range(2)]

    assert set(go_out(account)) == {message.pk for message in messages}


def test_of_several_caps_the_strictest_holds(account, queued, sent):
    make_cap(limit=5, name="five a month", period=30 * DAY)
    make_cap(limit=1, name="one a day", period=DAY)
    sent(HOUR)
    message = queued()

    go_out(account)

    message.refresh_from_db()
    assert message.reason == "capped: one a day"
    assert 22 * HOUR < message.due_at - timezone.now() < 23 * HOUR


def test_a_message_that_would_wait_longer_than_the_cap_lets_it_is_withheld(account, queued, sent):
    make_cap(patience=DAY)
    sent(HOUR)
    message = queued()

    go_out(account)

    message.refresh_from_db()
    assert (message.status, message.reason) == ("withheld", "capped: Not too often")


def test_patience_is_counted_from_when_it_was_first_held_up(account, queued, sent):
    make_cap(period=DAY, patience=DAY)
    sent(23 * HOUR)
    fresh, tired = queued(), queued(capped_at=timezone.now() - 24 * HOUR)

    go_out(account)

    statuses = {message.pk: message.status for message in Message.objects.filter(pk__in=[fresh.pk, tired.pk])}
    assert statuses == {fresh.pk: "queued", tired.pk: "withheld"}


def test_what_the_esp_may_have_is_not_called_withheld(account, queued, sent):
    make_cap(patience=HOUR)
    sent(HOUR)
    message = queued(resent_at=timezone.now(), attempts=1)

    go_out(account)

    message.refresh_from_db()
    assert (message.status, message.reason) == ("uncertain", "capped: Not too often")


def test_what_is_only_repeated_under_its_key_is_not_asked(queued, sent):
    make_cap()
    sent(HOUR)
    message = queued(account=make_account(provider="resend"), uncertain_at=timezone.now(), attempts=1)

    assert go_out(message.account) == [message.pk]


def test_what_may_not_go_out_anyway_takes_no_room(account, queued):
    make_cap()
    paused = make_live_flow()
    Flow.objects.filter(pk=paused.pk).update(status=Flow.Status.PAUSED)
    early = timezone.now() - HOUR
    queued(flow_version=paused.live_version, due_at=early)
    queued(contact=make_contact(email="ben@example.com"), due_at=early)
    make_suppression(address_hash=hash_address("ben@example.com"))
    message = queued()

    assert go_out(account) == [message.pk]


def test_a_dead_letter_would_wait_for_room(queued, sent):
    make_cap()
    sent(HOUR)
    queued(status="failed")

    [prospect] = foresee(Message.objects.all()).prospects

    assert (prospect.fate, prospect.why) == (Fate.WAITS, "capped: Not too often")


def test_caps_cost_two_statements_for_a_batch_of_any_size(account, queued, django_assert_num_queries):
    queued()
    go_out(account)  # Reads the template, once in a process.
    for caps, count in ((0, 1), (0, 9), (1, 1), (2, 9)):
        FrequencyCap.objects.all().delete()
        for number in range(caps):
            make_cap(limit=100, name=str(number))
        for _ in range(count):
            queued(contact=make_contact())

        with django_assert_num_queries(5 + (2 if caps else 0)):  # Due, policy, lease; savepoint and release.
            assert len(go_out(account)) == count


@pytest.mark.django_db(transaction=True)
def test_a_claim_waits_for_one_that_counts_mail_of_the_same_contact(account, queued):
    make_cap()
    queued()
    queued()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        first = go_out(account, limit=1)
        second = pool.submit(_on_its_own_connection, account)
        give_up = monotonic() + 5
        while not _waits_for_a_lock() and not second.done() and monotonic() < give_up:
            sleep(0.01)

    assert len(first) == 1
    assert second.result() == []


def _on_its_own_connection(account):
    try:
        return go_out(account)
    finally:
        connection.close()


def _waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_racing_claims_never_exceed_a_cap_together(account, queued, together):
    """Two mails each of forty people, side by side in the queue, and a cap of one."""
    make_cap()
    for person in [make_contact() for _ in range(40)]:
        queued(contact=person)
        queued(contact=person)

    together(*[lambda: _until_dry(account)] * 6)

    assert Message.objects.filter(status="sending").count() == 40
    assert Contact.objects.filter(messages__status="sending").distinct().count() == 40
    assert Message.objects.filter(status="queued", capped_at__isnull=False).count() == 40


def _until_dry(account):
    while claim(account=account, lane=Lane.TRIGGERED, limit=1, epoch=7).due:
        pass


@pytest.mark.django_db(transaction=True)
def test_racing_claims_of_two_lanes_share_a_cap_and_do_not_deadlock(account, queued, together):
    make_cap(limit=1)
    people = [make_contact() for _ in range(30)]
    for person in people:
        queued(contact=person)
    for person in reversed(people):
        queued(contact=person, lane=Lane.BULK)

    together(
        *[lambda: claim(account=account, lane=Lane.TRIGGERED, limit=30, epoch=7)] * 2,
        *[lambda: claim(account=account, lane=Lane.BULK, limit=30, epoch=7)] * 2,
    )

    assert Message.objects.filter(status="sending").count() == 30
