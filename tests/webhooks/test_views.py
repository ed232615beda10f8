"""What an ESP, a stranger or a mistake meets at the door."""

import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client
from django.test.client import encode_multipart

from automation.models import EspAccount
from tests.factories import make_account
from tests.webhooks.esps import ESPS, JSON, Call, basic, basic_auth, make_esp_account, mandrill, post, svix
from tests.webhooks.payloads import postmark, resend
from webhooks.dialects.base import FORM, MULTIPART
from webhooks.door import door_of
from webhooks.models import InboxEvent
from webhooks.understand import understand
from webhooks.verify import MAX_BODY

pytestmark = pytest.mark.django_db
DELIVERY = postmark("Delivery")


@pytest.fixture
def account(monkeypatch) -> EspAccount:
    return make_esp_account("postmark", monkeypatch)


def post_as(client: Client, account: EspAccount, **changes: Any) -> Any:
    body, content_type, headers = basic(DELIVERY)
    call: dict[str, Any] = {"data": body, "content_type": content_type, "headers": headers, **changes}
    return client.post(f"/webhooks/{account.key}/", **call)


def test_a_verified_call_is_kept_as_it_came(client: Client, account: EspAccount) -> None:
    call = basic(DELIVERY)

    response = post(client, account, call)

    assert (response.status_code, response.content) == (200, b"")
    row = InboxEvent.objects.get()
    assert (row.account, bytes(row.body), row.content_type, row.headers) == (account, call.body, JSON, {})
    assert (row.status, row.attempts, row.failure) == (InboxEvent.Status.NEW, 0, "")


def test_a_repeated_call_is_answered_alike_and_kept_once(client: Client, account: EspAccount) -> None:
    first, second = (post(client, account, basic(DELIVERY)) for _ in range(2))

    assert first.status_code == second.status_code == 200
    assert InboxEvent.objects.count() == 1


def test_the_same_body_from_another_account_is_another_call(client: Client, account: EspAccount) -> None:
    other = make_account(settings_env=account.settings_env)

    post(client, account, basic(DELIVERY))
    post(client, other, basic(DELIVERY))

    assert InboxEvent.objects.count() == 2


def test_a_call_costs_one_statement_once_the_account_is_known(
    client: Client, account: EspAccount, django_assert_num_queries
) -> None:
    post(client, account, basic(postmark("Open")))

    with django_assert_num_queries(1):
        post(client, account, basic(DELIVERY))


def test_a_new_call_wakes_the_digest_pump_and_a_repeated_one_does_not(
    client: Client, account: EspAccount, settings, django_capture_on_commit_callbacks
) -> None:
    settings.WAKE = True

    with django_capture_on_commit_callbacks() as for_the_first:
        post(client, account, basic(DELIVERY))
    with django_capture_on_commit_callbacks() as for_the_second:
        post(client, account, basic(DELIVERY))

    assert (len(for_the_first), len(for_the_second)) == (1, 0)


@pytest.mark.parametrize("key", ["nobody", "x" * 500, "%00", "a%20b"])
def test_an_unknown_account_is_not_found(client: Client, key: str) -> None:
    assert client.post(f"/webhooks/{key}/", "{}", content_type=JSON).status_code == 404


def test_a_provider_without_webhooks_is_not_found(client: Client) -> None:
    account = make_account(provider="scaleway")

    assert client.post(f"/webhooks/{account.key}/", "{}", content_type=JSON).status_code == 404


def test_the_slash_at_the_end_may_be_left_out(client: Client, account: EspAccount) -> None:
    body, content_type, headers = basic(DELIVERY)

    response = client.post(f"/webhooks/{account.key}", body, content_type=content_type, headers=headers)

    assert response.status_code == 200


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options", "trace"])
def test_only_post_is_allowed(client: Client, account: EspAccount, method: str) -> None:
    response = getattr(client, method)(f"/webhooks/{account.key}/")

    assert (response.status_code, response["Allow"]) == (405, "POST, HEAD")


def test_esps_may_look_whether_anybody_is_there(client: Client, account: EspAccount, monkeypatch) -> None:
    unisender_go = make_esp_account("unisender_go", monkeypatch)

    assert client.head(f"/webhooks/{account.key}/").status_code == 200
    assert client.get(f"/webhooks/{unisender_go.key}/").status_code == 200


def test_without_credentials_basic_auth_is_asked_for(client: Client, account: EspAccount) -> None:
    response = post_as(client, account, headers={})

    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Basic realm="webhooks"')


@pytest.mark.parametrize(
    "credentials", ["Basic", "Basic ====", "Basic ", "Bearer abc", "Basic dXNlcjpwYXNz", "\x00\xff"]
)
def test_wrong_credentials_are_refused(client: Client, account: EspAccount, credentials: str) -> None:
    assert post_as(client, account, headers={"Authorization": credentials}).status_code == 403


def test_credentials_may_be_changed_without_a_gap(client: Client, monkeypatch) -> None:
    account = make_esp_account("postmark", monkeypatch, webhook_secret=["user:old", "user:new"])

    for credentials, status in [("user:old", 200), ("user:new", 200), ("user:none", 403)]:
        assert post_as(client, account, headers=basic_auth(credentials)).status_code == status


def test_a_body_over_the_limit_is_refused_unread(client: Client, account: EspAccount) -> None:
    fits, too_long = (b'["' + b"x" * (size - 4) + b'"]' for size in (MAX_BODY, MAX_BODY + 1))

    assert post_as(client, account, data=fits).status_code == 200
    assert post_as(client, account, data=too_long).status_code == 413
    assert post_as(client, account, data=too_long, headers={}).status_code == 413


@pytest.mark.parametrize("length", ["", "abc", "-1", "1e3"])
def test_a_body_of_unknown_length_is_refused(client: Client, account: EspAccount, length: str) -> None:
    assert post_as(client, account, CONTENT_LENGTH=length).status_code == 411


@pytest.mark.parametrize(
    "content_type", ["text/html", "application/x-www-form-urlencoded", "", f"{JSON}; a={'b' * 300}"]
)
def test_a_body_of_another_type_is_refused(client: Client, account: EspAccount, content_type: str) -> None:
    assert post_as(client, account, content_type=content_type).status_code == 415


def test_a_compressed_body_is_refused(client: Client, account: EspAccount) -> None:
    assert post_as(client, account, headers={**basic_auth(), "Content-Encoding": "gzip"}).status_code == 415


GARBAGE = [b"null", b'"text"', b"17", b'{"a": 1', b"\xff\xfe\x00", b"[" * 100_000]
SENSELESS = [b"[]", b'{"auth": 5, "signature": 5, "Type": 5}', b'{"event-data": null}']  # But JSON.
PROOFS = [
    "Mailtrap-Signature",
    "Signature",
    "X-Amz-Sns-Message-Type",
    "X-Mandrill-Signature",
    "X-Postal-Signature",
    "X-Twilio-Email-Event-Webhook-Signature",
    "X-Twilio-Email-Event-Webhook-Timestamp",
    "svix-id",
    "svix-signature",
    "svix-timestamp",
]


@pytest.mark.parametrize("provider", sorted(ESPS))
@pytest.mark.parametrize("body", GARBAGE + SENSELESS, ids=lambda body: str(body[:12]))
def test_whatever_is_in_the_body_it_is_no_error_of_ours(client: Client, monkeypatch, provider: str, body) -> None:
    account = make_esp_account(provider, monkeypatch)
    content_type, headers = ESPS[provider].call({})[1:]

    for proofs in headers, dict.fromkeys(PROOFS, "v1,\xe4"):
        response = client.post(
            f"/webhooks/{account.key}/", body, content_type=content_type.partition(";")[0], headers=proofs
        )
        taken = response.status_code == 200 and proofs == basic_auth() and body in SENSELESS
        assert taken or response.status_code in {400, 401, 403}


@pytest.mark.parametrize(
    ("provider", "secrets"),
    [
        ("postmark", {"server_token": "x"}),
        ("postmark", {"webhook_secret": ""}),
        ("postmark", {"webhook_secret": "no-colon"}),
        ("postmark", {"webhook_secret": [""]}),
        ("postmark", {"webhook_secret": {"user": "password"}}),
        ("resend", {"signing_secret": ""}),
        ("resend", {"signing_secret": "whsec_"}),
        ("resend", {"signing_secret": 17}),
        ("sendgrid", {"tracking_webhook_verification_key": "not a key"}),
        ("mailersend", {"webhook_secret": "user:password"}),
        ("mandrill", {"webhook_url": "https://example.com/"}),
    ],
)
def test_an_account_without_usable_secrets_believes_nobody(
    client: Client, monkeypatch, caplog, provider, secrets
) -> None:
    account = make_esp_account(provider, monkeypatch, **secrets)

    response = post(client, account, ESPS[provider].call([]))

    assert response.status_code == 503
    assert not InboxEvent.objects.exists()
    assert account.key in caplog.text
    assert "not a key" not in caplog.text


def test_an_account_whose_environment_is_missing_believes_nobody(client: Client) -> None:
    account = make_account(settings_env="ESP_NOT_SET")

    assert post(client, account, basic(DELIVERY)).status_code == 503


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize("where", ["webhooks.store.sql.insert", "webhooks.views.find_account"])
def test_while_the_database_is_away_calls_are_wanted_again(client, account, monkeypatch, caplog, error, where) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise error("could not connect as user:password")

    monkeypatch.setattr(where, away)

    assert post(client, account, basic(DELIVERY)).status_code == 503
    assert "database_away" in caplog.text
    assert "could not connect" not in caplog.text


def test_an_edited_account_is_read_anew(client: Client, account: EspAccount, monkeypatch) -> None:
    post(client, account, basic(DELIVERY))
    monkeypatch.setenv("ESP_OTHER", json.dumps({"webhook_secret": "user:other"}))
    account.settings_env = "ESP_OTHER"
    account.save()
    monkeypatch.setattr("webhooks.door.monotonic", lambda: time.monotonic() + 60)

    assert post_as(client, account).status_code == 403
    assert post_as(client, account, headers=basic_auth("user:other")).status_code == 200


def test_svix_signatures_are_of_the_body_the_id_and_a_recent_time(client: Client, monkeypatch) -> None:
    account = make_esp_account("resend", monkeypatch)
    call = svix(resend("email.delivered"), webhook_id="msg_1")

    statuses = [
        post(client, account, tampered).status_code
        for tampered in (
            call._replace(body=call.body.replace(b"ana@", b"eve@")),
            call._replace(headers={**call.headers, "svix-id": "msg_2"}),
            svix(resend("email.delivered"), at=time.time() - 600),
            svix(resend("email.delivered"), key=b"another"),
            call,
        )
    ]

    assert statuses == [403, 403, 403, 403, 200]
    assert InboxEvent.objects.get().headers == {"svix-id": "msg_1"}


def test_forms_are_taken_from_those_who_send_forms(client: Client, monkeypatch) -> None:
    account = make_esp_account("mandrill", monkeypatch)

    assert post(client, account, mandrill([])).status_code == 200


@pytest.mark.parametrize("content_type", [FORM, f"{MULTIPART}; boundary=frontier"])
def test_mailguns_old_forms_are_kept_whole(client: Client, monkeypatch, content_type: str) -> None:
    account = make_esp_account("mailgun", monkeypatch)
    timestamp = str(int(time.time()))
    signature = hmac.new(b"secret", f"{timestamp}token".encode(), "sha256").hexdigest()
    fields = {"event": "bounced", "recipient": "ana@example.com", "timestamp": timestamp, "token": "token"}
    fields |= {"signature": signature, "Message-Id": "<mg@mail.example.com>"}
    body = encode_multipart("frontier", fields) if MULTIPART in content_type else urlencode(fields).encode()

    response = post(client, account, Call(body, content_type))

    assert response.status_code == 200, response.content
    row = InboxEvent.objects.get()
    assert bytes(row.body) == body
    door = door_of(account)
    assert door
    [notice], _ = understand(row, door)
    assert (notice.kind, notice.esp_message_id) == ("soft_bounce", "<mg@mail.example.com>")


def test_no_log_line_repeats_what_was_sent(client: Client, account: EspAccount, caplog) -> None:
    caplog.set_level("DEBUG")

    post(client, account, basic(DELIVERY))
    post_as(client, account, headers=basic_auth("eve@example.com:guess"))
    post_as(client, account, content_type="text/html")

    assert "webhook_refused" in caplog.text
    assert "@example.com" not in caplog.text
    assert "user:password" not in caplog.text
