import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from automation.core.ids import new_id
from automation.core.replay import replay
from automation.models import EspAccount, Event, EventType, Message
from suppression.address import hash_address
from suppression.models import Reason, Suppression
from tests.factories import make_contact, make_live_flow, make_message, make_topic
from tests.webhooks.esps import Call, make_esp_account
from tests.webhooks.factories import digest_all, keep, make_row
from tests.webhooks.payloads import postmark, resend, sendgrid
from webhooks.digest import PAUSES, digest, digest_due_webhooks
from webhooks.models import InboxEvent

pytestmark = pytest.mark.django_db
Status = Message.Status


@pytest.fixture
def account(monkeypatch) -> EspAccount:
    return make_esp_account("postmark", monkeypatch)


def make_sent(account: EspAccount, **fields: Any) -> Message:
    """A message on its way: its worker has not heard back yet."""
    return make_message(account=account, **{"contact": make_contact(), "status": Status.SENDING, **fields})


def about(message: Message, record_type: str, **fields: Any) -> dict[str, Any]:
    return postmark(record_type, our_id=str(message.pk), to=message.to_email, **fields)


def hard_bounce(message: Message) -> dict[str, Any]:
    return about(message, "Bounce", ID=int(message.pk.int >> 75), Type="HardBounce", Inactive=True)


def told_events() -> list[str]:
    return sorted(Event.objects.values_list("event_type__name", flat=True))


def suppressed() -> list[tuple[bytes, str]]:
    return sorted((bytes(row.address_hash), row.reason) for row in Suppression.objects.all())


def test_a_delivery_settles_the_message_and_is_told(account: EspAccount) -> None:
    message = make_sent(account)
    row = make_row(account, about(message, "Delivery"))

    digest_all()

    message.refresh_from_db()
    row.refresh_from_db()
    assert (message.status, message.esp_message_id) == (Status.DELIVERED, f"pm-{message.pk}")
    assert (row.status, row.failure) == (InboxEvent.Status.DIGESTED, "")
    event = Event.objects.get()
    assert (event.event_type.name, event.contact, event.metadata) == (
        "email.delivered",
        message.contact,
        {"account": account.key, "said": "Delivery"},
    )
    assert not Suppression.objects.exists()


def test_a_hard_bounce_suppresses_and_names_no_address(account: EspAccount) -> None:
    message = make_sent(account)
    row = make_row(account, hard_bounce(message))

    digest_all()

    message.refresh_from_db()
    assert (message.status, message.reason) == (Status.BOUNCED, "hard_bounce")
    suppression = Suppression.objects.get()
    assert bytes(suppression.address_hash) == hash_address(message.to_email)
    assert (suppression.reason, suppression.scope) == (Reason.HARD_BOUNCE, "all")
    assert suppression.source == f"webhook {account.key}"
    assert suppression.evidence == {
        "said": "Bounce/HardBounce",
        "inbox_event": row.pk,
        "message_id": str(message.pk),
    }
    assert Event.objects.get().payload["reason"] == "hard_bounce"


@pytest.mark.parametrize("kind", ["SoftBounce", "Blocked", "SpamNotification", "Transient", "AutoResponder"])
def test_what_is_no_hard_bounce_suppresses_nobody(account: EspAccount, kind: str) -> None:
    make_row(account, about(make_sent(account), "Bounce", ID=1, Type=kind))

    digest_all()

    assert not Suppression.objects.exists()


def test_soft_bounces_in_a_row_suppress_and_a_delivery_between_them_forgives(account: EspAccount) -> None:
    message, others = make_sent(account), [make_sent(account, to_email="ben@example.com") for _ in range(6)]
    days = [f"2026-03-{day:02}T12:00:00Z" for day in (1, 3, 5, 7, 9)]
    for mail, day in zip(others, days, strict=False):
        make_row(account, about(mail, "Bounce", ID=int(mail.pk.int >> 75), Type="SoftBounce", BouncedAt=day))
    for number, day in enumerate(days):
        make_row(account, about(message, "Bounce", ID=number, Type="SoftBounce", BouncedAt=day))
    digest_all()
    assert suppressed() == [(hash_address("ben@example.com"), "soft_bounces")]

    Suppression.objects.all().delete()
    for mail, day in zip(others, days, strict=False):
        make_row(account, about(mail, "Bounce", ID=1 + (mail.pk.int >> 75), Type="SoftBounce", BouncedAt=day))
    make_row(account, about(others[5], "Delivery", DeliveredAt="2026-03-08T12:00:00Z"))
    digest_all()

    assert suppressed() == []


def test_a_complaint_stops_all_mail(account: EspAccount) -> None:
    message = make_sent(account, topic=make_topic())
    make_row(account, about(message, "SpamComplaint", ID=1, Type="SpamComplaint"))

    digest_all()

    message.refresh_from_db()
    assert message.status == Status.COMPLAINED
    suppression = Suppression.objects.get()
    assert (suppression.reason, suppression.scope, suppression.topic) == (Reason.COMPLAINT, "all", None)
    assert told_events() == ["email.complained"]


def test_who_leaves_by_the_esps_link_has_left_all_marketing(account: EspAccount) -> None:
    message = make_sent(account, topic=make_topic())
    make_row(account, about(message, "SubscriptionChange", SuppressSending=True, SuppressionReason="ManualSuppression"))

    digest_all()

    suppression = Suppression.objects.get()
    assert (suppression.reason, suppression.scope, suppression.topic) == (Reason.UNSUBSCRIBED, "marketing", None)
    assert told_events() == ["email.unsubscribed"]


def test_a_bounce_of_a_mail_that_we_do_not_know_suppresses_all_the_same(account: EspAccount) -> None:
    make_row(account, postmark("Bounce", our_id=str(new_id()), ID=1, Type="HardBounce", to="Eve@Example.com"))

    digest_all()

    assert suppressed() == [(hash_address("eve@example.com"), "hard_bounce")]
    assert not Event.objects.exists()


def test_a_forwarded_mail_that_bounces_suppresses_both_addresses(account: EspAccount) -> None:
    message = make_sent(account)
    make_row(account, {**hard_bounce(message), "Email": "elsewhere@example.com"})

    digest_all()

    assert {row for row, _ in suppressed()} == {hash_address("elsewhere@example.com"), hash_address(message.to_email)}


def test_clicks_carry_their_link_and_each_is_told(account: EspAccount) -> None:
    topic = make_topic()
    flow = make_live_flow(topic=topic)
    message = make_sent(account, topic=topic, flow_version=flow.live_version, step_key="hello")
    for link in ("https://example.com/a", "https://example.com/b"):
        make_row(account, about(message, "Click", OriginalLink=link))

    digest_all()

    payloads = [event.payload for event in Event.objects.order_by("payload__url")]
    assert [payload["url"] for payload in payloads] == ["https://example.com/a", "https://example.com/b"]
    assert (payloads[0]["flow"], payloads[0]["step"], payloads[0]["topic"]) == (flow.key, "hello", topic.key)
    message.refresh_from_db()
    assert message.clicked_at


def test_a_flow_is_told_whether_a_person_clicked(account: EspAccount) -> None:
    message = make_sent(account)
    make_row(account, about(message, "Delivery"))
    scanner = {"OriginalLink": "https://example.com/a", "ReceivedAt": "2026-03-01T12:00:01Z", "UserAgent": "curl/8"}
    make_row(account, about(message, "Click", **scanner))
    make_row(account, about(message, "Click", OriginalLink="https://example.com/a", ReceivedAt="2026-03-01T12:07:00Z"))

    digest_all()

    payloads = [
        event.payload for event in Event.objects.filter(event_type__name="email.clicked").order_by("occurred_at")
    ]
    assert [(one["machine"], one["signs"]) for one in payloads] == [(True, ["agent", "too_soon"]), (False, [])]
    message.refresh_from_db()
    assert message.contact
    clicked = (message.clicked_at, message.human_clicked_at, message.contact.engaged_at)
    assert [at and f"{at:%H:%M:%S}" for at in clicked] == ["12:00:01", "12:07:00", "12:07:00"]


def test_a_repeated_event_is_told_once_even_in_another_call(account: EspAccount) -> None:
    bounce = hard_bounce(make_sent(account))
    for details in ("one", "one", "another"):
        make_row(account, {**bounce, "Details": details})
        digest_all()

    assert told_events() == ["email.bounced"]
    assert len(suppressed()) == 1


STORY = ["Delivery", "Open", "Click", "Bounce", "SpamComplaint"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(st.sampled_from(STORY), min_size=len(STORY), max_size=10).filter(lambda s: set(s) == set(STORY)))
def test_calls_come_to_the_same_in_any_order_and_number_and_grouping(monkeypatch, story: list[str]) -> None:
    account = make_esp_account("postmark", monkeypatch)
    message = make_sent(account)
    for position, record_type in enumerate(story):
        fields = {"ID": 1, "Type": "HardBounce" if record_type == "Bounce" else record_type}
        make_row(account, about(message, record_type, **fields))
        if position % 3:
            digest_all()

    digest_all()

    message.refresh_from_db()
    moments = [message.sent_at, message.delivered_at, message.opened_at, message.clicked_at, message.bounced_at]
    assert (message.status, message.reason, message.attempts) == (Status.COMPLAINED, "hard_bounce", 1)
    assert {moment and moment.isoformat() for moment in moments} == {"2026-03-01T12:00:00+00:00"}
    types = Event.objects.filter(contact=message.contact).values_list("event_type__name", flat=True)
    assert sorted(types) == ["email.bounced", "email.clicked", "email.complained", "email.delivered", "email.opened"]


def test_who_opens_a_mail_is_engaged_and_who_only_got_it_is_not(account: EspAccount) -> None:
    opened, got = make_sent(account), make_sent(account)
    make_row(account, about(opened, "Open"))
    make_row(account, about(got, "Delivery"))

    digest_all()

    engaged = Message.objects.order_by("pk").values_list("contact__engaged_at", flat=True)
    assert [at and at.isoformat() for at in engaged] == ["2026-03-01T12:00:00+00:00", None]


def test_the_number_of_statements_does_not_depend_on_the_batch(account: EspAccount, django_assert_num_queries) -> None:
    def batch(size: int) -> list[InboxEvent]:
        messages = [make_sent(account) for _ in range(size)]
        payloads = [hard_bounce(message) for message in messages] + [about(one, "Open") for one in messages]
        rows = [make_row(account, payload) for payload in payloads]
        return list(InboxEvent.objects.filter(pk__in=[row.pk for row in rows]).select_related("account"))

    # Lock contacts; lock, stamp and count messages; what is known of opens, the new ones, when a person first opened,
    # count, engage; suppress (and a savepoint for who listens); event types, events, the calls.
    for size in (1, 25):
        rows = batch(size)
        with django_assert_num_queries(1 + 3 + 5 + 3 + 2 + 1):
            digest(rows, at=timezone.now())
    assert Message.objects.filter(status=Status.BOUNCED).count() == 26


def test_claiming_costs_two_statements(account: EspAccount, django_assert_num_queries) -> None:
    for _ in range(5):
        make_row(account, postmark("Open", our_id=str(new_id())))

    # Claim and bodies; lock contacts; lock messages; settle. And a savepoint, as a test is itself in a transaction.
    with django_assert_num_queries(2 + 1 + 1 + 1 + 2):
        assert digest_due_webhooks() == 5


def test_large_calls_are_taken_a_few_at_a_time(account: EspAccount) -> None:
    for _ in range(3):
        make_row(account, postmark("Open", our_id=str(new_id()), UserAgent="x" * 600_000))

    assert [digest_due_webhooks() for _ in range(4)] == [1, 1, 1, 0]


def test_one_bad_event_of_a_hundred_is_set_aside_alone_after_the_others_took_effect(monkeypatch) -> None:
    account = make_esp_account("sendgrid", monkeypatch)
    events: list[Any] = [sendgrid("spamreport", to=f"ana{n}@example.com", message_id=str(new_id())) for n in range(100)]
    events[17] = {"event": "spamreport", "timestamp": "soon", "email": "eve@example.com"}
    row = make_row(account, events)

    digest_all()

    assert Suppression.objects.count() == 99
    row.refresh_from_db()
    assert (row.status, row.failure) == (InboxEvent.Status.DIGESTED, "")
    part = InboxEvent.objects.get(part_of=row)
    assert (part.status, json.loads(bytes(part.body))) == (InboxEvent.Status.SET_ASIDE, [events[17]])
    assert part.failure.startswith("Event 17: TypeError in ")
    assert "eve@" not in part.failure


def test_a_replay_tries_the_bad_event_and_no_other(monkeypatch) -> None:
    account = make_esp_account("sendgrid", monkeypatch)
    message = make_sent(account, to_email="ana@example.com")
    row = make_row(account, [sendgrid("bounce", type="bounce", message_id=str(message.pk)), None])
    digest_all()

    [part] = replay(InboxEvent.objects.filter(part_of=row), status="new", pump="webhooks.digest")
    assert digest_due_webhooks() == 1

    part.refresh_from_db()
    assert (part.status, part.failure[:9]) == (InboxEvent.Status.SET_ASIDE, "TypeError")
    InboxEvent.objects.filter(pk=part.pk).update(
        body=json.dumps([sendgrid("spamreport", message_id=str(message.pk))]).encode()
    )
    replay(InboxEvent.objects.filter(part_of=row), status="new", pump="webhooks.digest")
    digest_all()

    part.refresh_from_db()
    assert (part.status, part.failure) == (InboxEvent.Status.DIGESTED, "")
    assert told_events() == ["email.bounced", "email.complained"]


def test_a_call_that_is_digested_again_sets_the_same_event_aside_once(monkeypatch) -> None:
    account = make_esp_account("sendgrid", monkeypatch)
    row = make_row(account, [None, sendgrid("spamreport"), {"email": "eve@example.com"}])
    for _ in range(2):
        digest_all()
        InboxEvent.objects.filter(pk=row.pk).update(status=InboxEvent.Status.NEW)

    assert InboxEvent.objects.filter(part_of=row).count() == 2
    assert Suppression.objects.count() == 1


def test_an_event_of_several_that_its_type_refuses_is_set_aside_alone(monkeypatch) -> None:
    EventType.objects.filter(name="email.bounced").update(schema={"required": ["colour"]})
    account = make_esp_account("sendgrid", monkeypatch)
    one, other = make_sent(account), make_sent(account)
    events = [
        sendgrid("delivered", to=one.to_email, message_id=str(one.pk)),
        sendgrid("bounce", to=other.to_email, type="bounce", message_id=str(other.pk)),
    ]
    row = make_row(account, events)

    digest_all()

    part = InboxEvent.objects.get(part_of=row)
    assert (part.failure, json.loads(bytes(part.body))) == (
        "Event 1: email.bounced: This field is required.",
        [events[1]],
    )
    EventType.objects.filter(name="email.bounced").update(schema={})
    replay(InboxEvent.objects.filter(pk=part.pk), status="new", pump="webhooks.digest")
    digest_all()
    assert told_events() == ["email.bounced", "email.delivered"]


@pytest.mark.parametrize("body", [b"[]", b'{"RecordType": ["Bounce"]}', b'{"RecordType": "Open", "ReceivedAt": 7}'])
def test_a_body_that_makes_no_sense_is_set_aside_at_once_and_holds_up_nobody(account: EspAccount, body: bytes) -> None:
    message = make_sent(account)
    bad = keep(account, Call(body))
    make_row(account, about(message, "Delivery"))

    digest_all()

    bad.refresh_from_db()
    message.refresh_from_db()
    assert (bad.status, message.status) == (InboxEvent.Status.SET_ASIDE, Status.DELIVERED)
    assert bad.failure


def test_calls_of_an_account_that_lost_its_settings_wait_to_be_replayed(account: EspAccount, monkeypatch) -> None:
    row = make_row(account, postmark("Delivery"))
    monkeypatch.delenv(account.settings_env)

    digest_all()

    row.refresh_from_db()
    assert row.status == InboxEvent.Status.SET_ASIDE
    assert account.settings_env in row.failure


def test_an_event_that_its_type_refuses_is_set_aside_after_it_took_effect(account: EspAccount) -> None:
    EventType.objects.filter(name="email.bounced").update(schema={"required": ["colour"]})
    message = make_sent(account)
    row = make_row(account, hard_bounce(message))

    digest_all()

    row.refresh_from_db()
    message.refresh_from_db()
    assert (row.status, row.failure) == (InboxEvent.Status.SET_ASIDE, "email.bounced: This field is required.")
    assert message.status == Status.BOUNCED
    assert Suppression.objects.count() == 1


def test_an_event_that_comes_before_the_esps_id_is_known_is_looked_at_again(monkeypatch) -> None:
    account = make_esp_account("resend", monkeypatch)
    message = make_sent(account)
    payload = resend("email.delivered", our_id="1", headers=[])
    row = make_row(account, payload)
    digest_all()
    row.refresh_from_db()
    assert (row.status, row.attempts) == (InboxEvent.Status.NEW, 1)
    assert row.due_at > timezone.now()

    Message.objects.filter(pk=message.pk).update(esp_message_id="re-1", status=Status.SENT)
    InboxEvent.objects.filter(pk=row.pk).update(due_at=timezone.now())
    digest_all()

    message.refresh_from_db()
    row.refresh_from_db()
    assert (message.status, row.status) == (Status.DELIVERED, InboxEvent.Status.DIGESTED)


def test_an_event_about_somebody_elses_mail_is_let_go_in_the_end(monkeypatch) -> None:
    account = make_esp_account("resend", monkeypatch)
    row = make_row(account, resend("email.complained", headers=[], to="eve@example.com"))

    for _ in PAUSES:
        digest_all()
        row.refresh_from_db()
        assert row.status == InboxEvent.Status.NEW
        InboxEvent.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    digest_all()

    row.refresh_from_db()
    assert (row.status, row.failure) == (InboxEvent.Status.DIGESTED, "")
    assert suppressed() == [(hash_address("eve@example.com"), "complaint")]


def test_an_event_without_a_meaning_for_us_changes_nothing(monkeypatch) -> None:
    account = make_esp_account("resend", monkeypatch)
    message = make_sent(account)
    row = make_row(account, resend("email.invented", our_id=str(message.pk)))

    digest_all()

    message.refresh_from_db()
    row.refresh_from_db()
    assert (message.status, row.status) == (Status.SENDING, InboxEvent.Status.DIGESTED)
