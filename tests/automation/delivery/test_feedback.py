from datetime import UTC, datetime

import pytest

from automation.core.ids import new_id
from automation.delivery.feedback import Feedback, emit
from automation.delivery.models import Message
from automation.delivery.standing import find_standings
from automation.events.ingest import Outcome
from automation.models import Event, EventType
from suppression.address import hash_address
from suppression.models import Reason
from suppression.suppress import Entry, suppress_many
from suppression.tokens import UnsubscribeToken
from suppression.unsubscribe import unsubscribe
from tests.factories import make_contact, make_live_flow, make_message, make_topic

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def feedback_on(message: Message) -> Feedback:
    [standing] = find_standings([message.pk])
    return Feedback(new_id(), "email.clicked", standing, NOON, {"account": "demo"}, url="https://example.com/")


def leave(message: Message) -> None:
    token = UnsubscribeToken(hash_address(message.to_email), message.topic_id, message.pk)
    unsubscribe(token=token, everything=False, source="page", ip=None, user_agent="", at=NOON)


def test_feedback_is_an_event_of_the_messages_contact() -> None:
    topic, contact = make_topic(), make_contact()
    flow = make_live_flow(topic=topic)
    message = make_message(contact=contact, flow_version=flow.live_version, topic=topic, step_key="hello")
    one = feedback_on(message)

    emit([one], at=NOON)

    event = Event.objects.select_related("event_type").get()
    assert (event.pk, event.contact, event.event_type.name) == (one.id, contact, "email.clicked")
    assert (event.occurred_at, event.status, event.metadata) == (NOON, Event.Status.NEW, {"account": "demo"})
    assert event.payload == {
        "message_id": str(message.pk),
        "flow": flow.key,
        "step": "hello",
        "template": message.template_version.template.key,
        "topic": topic.key,
        "url": "https://example.com/",
    }


def test_a_message_whose_contact_is_erased_tells_nobody() -> None:
    known, erased = make_message(contact=make_contact()), make_message(contact=None)

    receipts = emit([feedback_on(erased), feedback_on(known)], at=NOON)

    assert [receipt and receipt.outcome for receipt in receipts] == [None, Outcome.ACCEPTED]


def test_a_schema_that_somebody_has_narrowed_refuses_and_does_not_raise() -> None:
    EventType.objects.filter(name="email.clicked").update(schema={"required": ["colour"]})

    [receipt] = emit([feedback_on(make_message(contact=make_contact()))], at=NOON)

    assert receipt
    assert receipt.outcome is Outcome.INVALID


def test_an_unsubscribe_on_our_page_is_told_once() -> None:
    message = make_message(contact=make_contact(), topic=make_topic())

    leave(message)
    leave(message)

    event = Event.objects.select_related("event_type").get()
    assert (event.event_type.name, event.contact) == ("email.unsubscribed", message.contact)
    assert (event.payload["message_id"], event.metadata) == (str(message.pk), {"source": "page"})


def test_other_suppressions_are_no_unsubscribes() -> None:
    message = make_message(contact=make_contact())
    evidence = {"message_id": str(message.pk)}

    suppress_many([Entry(address_hash=b"1" * 32, reason=Reason.HARD_BOUNCE, source="t", evidence=evidence)], at=NOON)
    suppress_many([Entry(address_hash=b"2" * 32, reason=Reason.UNSUBSCRIBED, source="t")], at=NOON)

    assert not Event.objects.exists()
