import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from automation.models import EspAccount
from tests.webhooks.esps import Call, make_esp_account, svix
from tests.webhooks.factories import keep, make_row
from tests.webhooks.payloads import ANA, OUR_ID, postmark, resend, sendgrid
from webhooks.door import door_of
from webhooks.models import InboxEvent
from webhooks.understand import Notice, Understanding, understand

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def account(monkeypatch) -> EspAccount:
    return make_esp_account("postmark", monkeypatch)


def understood(row: InboxEvent) -> Understanding:
    door = door_of(row.account)
    assert door
    return understand(row, door)


def reasons(row: InboxEvent) -> list[str]:
    return [one.reason for one in understood(row).unread]


def notice_of(account: EspAccount, payload: Any, **fields: Any) -> Notice:
    [notice], _ = understood(make_row(account, payload, **fields))
    return notice


def test_one_bad_event_costs_no_other_and_is_named(monkeypatch) -> None:
    account = make_esp_account("sendgrid", monkeypatch)
    events: list[Any] = [sendgrid("open", to=f"ana{n}@example.com") for n in range(100)]
    events[17] = {"email": "eve@example.com"}
    events[40] = None

    notices, unread = understood(make_row(account, events))

    assert len(notices) == 98
    assert [(one.position, one.reason[:8], json.loads(one.body)) for one in unread] == [
        (17, "KeyError", [events[17]]),
        (40, "TypeErro", [None]),
    ]
    assert "eve@" not in str([one.reason for one in unread])


def test_a_body_that_cannot_be_read_is_said_to_be_without_being_repeated(account: EspAccount) -> None:
    [fault] = reasons(keep(account, Call(b'["ana@example.com"]')))

    assert fault.startswith("TypeError in ")
    assert "ana@" not in fault


def test_an_inbound_mail_is_explained(account: EspAccount) -> None:
    [fault] = reasons(make_row(account, {"FromFull": {"Email": "ana@example.com"}, "Subject": "Hi"}))

    assert "inbound" in fault


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("2026-03-01T11:59:00Z", NOON - timedelta(minutes=1)),
        ("2026-03-01T13:59:00+02:00", NOON - timedelta(minutes=1)),
        ("2026-03-01T11:59:00", NOON - timedelta(minutes=1)),
        ("2027-03-01T12:00:00Z", NOON),
        ("soon", NOON),
    ],
)
def test_an_event_happened_when_the_esp_says_but_not_after_we_heard_of_it(account: EspAccount, told: str, at) -> None:
    assert notice_of(account, postmark("Open", ReceivedAt=told), received_at=NOON).at == at


@pytest.mark.parametrize(
    "metadata", [None, {}, [], "text", {"message_id": None}, {"message_id": 7}, {"message_id": "other"}]
)
def test_metadata_of_others_names_no_message_of_ours(account: EspAccount, metadata) -> None:
    payload = postmark("Open", Metadata=metadata)

    notices, _ = understood(make_row(account, payload))

    assert [notice.message_id for notice in notices] in ([None], [])


def test_ids_of_any_length_and_texts_of_any_kind_can_be_stored(account: EspAccount) -> None:
    payload = postmark("Click", MessageID="x" * 300, OriginalLink="https://example.com/\0\ud800" + "y" * 5_000)

    notice = notice_of(account, payload)

    assert (notice.esp_message_id, len(notice.url), notice.message_id) == ("", 2_000, UUID(OUR_ID))
    assert "\0" not in notice.url.encode().decode()


def test_an_address_that_cannot_be_one_has_no_hash(account: EspAccount) -> None:
    assert notice_of(account, postmark("Bounce", to="ana\ud800@", ID=1, Type="HardBounce")).address_hash is None


def test_a_repeated_event_has_the_same_key_and_any_other_has_its_own(account: EspAccount, monkeypatch) -> None:
    other = make_esp_account("postmark", monkeypatch)
    bounce = postmark("Bounce", ID=1, Type="HardBounce", Details="one way to say it")

    keys = [
        notice_of(account, bounce).key,
        notice_of(other, bounce).key,
        notice_of(account, postmark("Bounce", ID=2, Type="HardBounce")).key,
        notice_of(account, postmark("Bounce", ID=1, Type="HardBounce", to="ben@example.com")).key,
        notice_of(account, postmark("Open")).key,
        notice_of(account, postmark("Open", ReceivedAt="2026-03-01T12:00:01Z")).key,
        notice_of(account, postmark("Click", OriginalLink="https://example.com/a")).key,
        notice_of(account, postmark("Click", OriginalLink="https://example.com/b")).key,
    ]

    assert len(set(keys)) == len(keys)
    assert notice_of(account, {**bounce, "Details": "another"}).key == keys[0]
    assert notice_of(account, postmark("Open", UserAgent="another")).key == keys[4]


@pytest.mark.parametrize(
    ("provider", "payload", "is_flagged"),
    [
        ("sendgrid", [sendgrid("open", sg_machine_open=True)], True),
        ("sendgrid", [sendgrid("open", sg_machine_open=False)], False),
        ("brevo", {"event": "unique_proxy_open", "email": ANA, "message-id": "<b@example.com>"}, True),
        ("brevo", {"event": "unique_opened", "email": ANA, "message-id": "<b@example.com>"}, False),
        ("mailgun", {"event": "opened", "client-info": {"bot": "apple"}}, True),
        ("mailgun", {"event": "opened", "client-info": {"bot": "gmail"}}, False),
        (
            "sparkpost",
            [{"msys": {"track_event": {"type": "open", "user_agent_parsed": {"is_prefetched": True}}}}],
            True,
        ),
        ("sparkpost", [{"msys": {"track_event": {"type": "open", "user_agent_parsed": {"is_proxy": True}}}}], False),
    ],
)
def test_an_esp_may_say_that_it_was_a_machine(monkeypatch, provider: str, payload, is_flagged: bool) -> None:
    notice = notice_of(make_esp_account(provider, monkeypatch), payload)

    assert (notice.kind, notice.is_machine) == ("opened", is_flagged)


def test_the_program_that_opened_is_kept_so_far(account: EspAccount) -> None:
    assert notice_of(account, postmark("Open", UserAgent="Mozilla" * 100)).agent == ("Mozilla" * 100)[:500]


def test_a_resent_svix_message_keeps_its_key(monkeypatch) -> None:
    account = make_esp_account("resend", monkeypatch)
    sent = [svix(resend("email.opened"), webhook_id=webhook_id) for webhook_id in ("msg_1", "msg_1", "msg_2")]

    first, again, another = (understood(keep(account, call)).notices[0].key for call in sent)

    assert first == again != another
