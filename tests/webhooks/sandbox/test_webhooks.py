"""What the sandbox reports, understood by Anymail's own webhook views."""

import base64
import socket
import time

import pytest
from anymail.signals import tracking
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.resend import ResendTrackingWebhookView
from django.test import RequestFactory

from webhooks.sandbox import webhooks

SIGNING_SECRET = "whsec_c2lnbmFscG9zdC1zYW5kYm94LXRlc3RzIQ=="
POSTMARK_SECRETS = {"webhook_secret": "esp:password"}
RESEND_SECRETS = {"signing_secret": SIGNING_SECRET}


@pytest.fixture
def understood():
    """Put a webhook through Anymail's view, which checks its proof, and return Anymail's event."""
    events = []

    def receive(sender, event, **_):
        events.append(event)

    def understand(call, view_class, **secrets):
        request = RequestFactory().post(
            call.path, call.body, content_type="application/json", headers=dict(call.headers)
        )
        view = view_class(**secrets)
        view.setup(request)
        assert view.dispatch(request).status_code == 200
        return events.pop()

    tracking.connect(receive)
    yield understand
    tracking.disconnect(receive)


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("ana@example.com", [("delivered", None)]),
        ("bounce@example.com", [("bounced", "bounced")]),
        ("soft-3@example.com", [("bounced", "bounced")]),
        ("complain+1@example.com", [("delivered", None), ("complained", "spam")]),
        ("open@example.com", [("delivered", None), ("opened", None)]),
        ("Click+7@example.com", [("delivered", None), ("opened", None), ("clicked", None)]),
        ("opener@example.com", [("delivered", None)]),
    ],
)
def test_postmark_reports_what_the_address_asks_for(run_sandbox, receiver, send_by_anymail, understood, to, expected):
    sandbox = run_sandbox(webhooks=receiver.url)

    message = send_by_anymail(
        sandbox, account="shop", to=to, secrets={"server_token": "shop-token"}, metadata={"message_id": "m-1"}
    )

    calls = receiver.wait_for(len(expected))
    events = [understood(call, PostmarkTrackingWebhookView, **POSTMARK_SECRETS) for call in calls]
    assert [(event.event_type, event.reject_reason) for event in events] == expected
    assert {call.path for call in calls} == {"/webhooks/shop/"}
    assert {event.message_id for event in events} == {message.anymail_status.message_id}
    assert {event.recipient for event in events} == {to}
    assert all(event.metadata == {"message_id": "m-1"} for event in events)


@pytest.mark.parametrize(
    ("to", "expected"),
    [
        ("ana@example.com", ["sent", "delivered"]),
        ("bounce+2@example.com", ["sent", "bounced"]),
        ("soft@example.com", ["sent", "bounced"]),
        ("complain@example.com", ["sent", "delivered", "complained"]),
        ("click@example.com", ["sent", "delivered", "opened", "clicked"]),
    ],
)
def test_resend_reports_what_the_address_asks_for(run_sandbox, receiver, send_by_anymail, understood, to, expected):
    sandbox = run_sandbox(webhooks=receiver.url)

    message = send_by_anymail(
        sandbox, "resend", account="signed", to=to, secrets={"api_key": "re_key"}, metadata={"message_id": "m-1"}
    )

    calls = receiver.wait_for(len(expected))
    events = [understood(call, ResendTrackingWebhookView, **RESEND_SECRETS) for call in calls]
    assert [event.event_type for event in events] == expected
    assert {event.message_id for event in events} == {message.anymail_status.message_id}
    assert {event.recipient for event in events} == {to}
    assert all(event.metadata == {"message_id": "m-1"} for event in events)
    assert len({event.event_id for event in events}) == len(events)


def test_hard_and_soft_bounces_differ_in_the_raw_events(run_sandbox, receiver, send_by_anymail):
    sandbox = run_sandbox(webhooks=receiver.url)

    for to in ("bounce@example.com", "soft@example.com"):
        send_by_anymail(sandbox, to=to)
    hard, soft = sorted((call.json for call in receiver.wait_for(2)), key=lambda event: event["Email"])

    assert (hard["Type"], hard["Inactive"]) == ("HardBounce", True)
    assert (soft["Type"], soft["Inactive"]) == ("SoftBounce", False)
    assert hard["ID"] != soft["ID"]


def test_a_click_is_on_the_first_link_of_the_mail(run_sandbox, receiver):
    sandbox = run_sandbox(webhooks=receiver.url)
    mail = {"From": "shop@example.com", "To": "click@example.com"}

    sandbox.post("/demo/postmark/email", mail | {"HtmlBody": '<a href="https://example.com/?a=1&amp;b=2">Shop</a>'})

    assert receiver.wait_for(3)[-1].json["OriginalLink"] == "https://example.com/?a=1&b=2"


def test_each_recipient_is_reported_on_but_refused_ones(run_sandbox, receiver, send_by_anymail):
    sandbox = run_sandbox(webhooks=receiver.url)

    send_by_anymail(sandbox, to=["ana@example.com", "refuse@example.com", "ben@example.com"])

    calls = receiver.wait_for(2)
    assert [call.json["Recipient"] for call in calls] == ["ana@example.com", "ben@example.com"]


def test_only_accepted_mails_are_reported_on(run_sandbox, receiver, send_by_anymail):
    sandbox = run_sandbox(webhooks=receiver.url)
    mail = {"From": "shop@example.com", "TextBody": "Text"}

    sandbox.post(
        "/demo/postmark/email/batch",
        [mail | {"To": to} for to in ("refuse@example.com", "not an address", "ana@example.com")],
    )

    [call] = receiver.wait_for(1)
    assert call.json["Recipient"] == "ana@example.com"
    assert sandbox.counts()["webhooks"]["waiting"] <= 1


def test_a_password_in_the_url_goes_to_accounts_without_one(run_sandbox, receiver, send_by_anymail):
    sandbox = run_sandbox(webhooks=receiver.url.replace("//", "//esp:p%40ss@"))

    send_by_anymail(sandbox)
    send_by_anymail(sandbox, account="shop", secrets={"server_token": "shop-token"})

    sent = {call.path: call.headers["Authorization"] for call in receiver.wait_for(2)}
    assert sent == {
        "/webhooks/demo/": "Basic " + base64.b64encode(b"esp:p@ss").decode(),
        "/webhooks/shop/": "Basic " + base64.b64encode(b"esp:password").decode(),
    }


def test_a_webhook_is_repeated_with_the_same_id_until_it_is_taken(run_sandbox, receiver, send_by_anymail, monkeypatch):
    monkeypatch.setattr(webhooks, "BACKOFF", (0.01,) * 5)
    receiver.statuses += [500, 404, 301]
    sandbox = run_sandbox(webhooks=receiver.url)

    send_by_anymail(sandbox, "resend", account="signed", secrets={"api_key": "re_key"})

    calls = receiver.wait_for(5)
    assert [call.json["type"] for call in calls] == ["email.sent"] * 4 + ["email.delivered"]
    assert len({call.headers["svix-id"] for call in calls[:4]}) == 1
    assert len({call.body for call in calls[:4]}) == 1


def test_a_webhook_that_is_never_taken_is_given_up(run_sandbox, receiver, send_by_anymail, monkeypatch, eventually):
    monkeypatch.setattr(webhooks, "BACKOFF", (0.01, 0.01))
    receiver.statuses += [500] * 3
    sandbox = run_sandbox(webhooks=receiver.url)

    send_by_anymail(sandbox, to="open@example.com")

    assert receiver.wait_for(4)[-1].json["RecordType"] == "Open"
    eventually(lambda: sandbox.counts()["webhooks"] == {"waiting": 0, "posted": 1, "dropped": 1})


def test_a_receiver_that_is_down_hears_once_it_is_back(run_sandbox, send_by_anymail, monkeypatch, eventually):
    monkeypatch.setattr(webhooks, "RECONNECT", 0.02)
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))  # Not listening yet: whoever comes is refused.
        sandbox = run_sandbox(webhooks=f"http://127.0.0.1:{door.getsockname()[1]}/{{account}}/")
        send_by_anymail(sandbox)
        time.sleep(0.1)

        door.listen()
        connection, _ = door.accept()
        with connection:
            assert connection.recv(65536).startswith(b"POST /demo/ HTTP/1.1\r\n")
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            eventually(lambda: sandbox.counts()["webhooks"] == {"waiting": 0, "posted": 1, "dropped": 0})


def test_a_receiver_far_behind_costs_reports_not_memory(run_sandbox, receiver, send_by_anymail, monkeypatch):
    monkeypatch.setattr(webhooks, "MAX_WAITING", 2)
    sandbox = run_sandbox(webhooks=receiver.url)
    sandbox.set_mode(webhooks={"delay_ms": 60_000})

    for _ in range(5):
        send_by_anymail(sandbox)

    assert sandbox.outcomes() == ["accepted"] * 5
    assert sandbox.counts()["webhooks"] == {"waiting": 2, "posted": 0, "dropped": 3}


def test_duplicates_are_equal_to_the_byte(run_sandbox, receiver, send_by_anymail):
    sandbox = run_sandbox(webhooks=receiver.url)
    sandbox.set_mode(webhooks={"duplicate": True})

    send_by_anymail(sandbox, to="open@example.com")

    calls = receiver.wait_for(4)
    assert [call.json["RecordType"] for call in calls] == ["Delivery", "Delivery", "Open", "Open"]
    assert calls[0].body == calls[1].body


def test_reordered_webhooks_come_last_first(run_sandbox, receiver, send_by_anymail):
    sandbox = run_sandbox(webhooks=receiver.url)
    sandbox.set_mode(webhooks={"reorder": True})

    send_by_anymail(sandbox, to="click@example.com")

    assert [call.json["RecordType"] for call in receiver.wait_for(3)] == ["Click", "Open", "Delivery"]


def test_delayed_and_dropped_webhooks(run_sandbox, receiver, send_by_anymail):
    sandbox = run_sandbox(webhooks=receiver.url)
    sandbox.set_mode(account="late", webhooks={"delay_ms": 100})
    sandbox.set_mode(account="lost", webhooks={"drop": True})

    for account in ("lost", "late", "prompt"):
        send_by_anymail(sandbox, account=account)

    assert [call.path for call in receiver.wait_for(2)] == ["/webhooks/prompt/", "/webhooks/late/"]


def test_a_webhook_overtakes_the_answer_to_its_own_send(run_sandbox, receiver, send_by_anymail, run_in_background):
    sandbox = run_sandbox(webhooks=receiver.url)
    sandbox.set_mode(latency_ms=500)

    sending = run_in_background(lambda: send_by_anymail(sandbox))
    [call] = receiver.wait_for(1)

    assert not sending.done()
    assert call.json["MessageID"] == sending.result(5).anymail_status.message_id


def test_an_unanswered_mail_is_reported_on_too(run_sandbox, receiver):
    sandbox = run_sandbox(webhooks=receiver.url)
    sandbox.set_mode(fail="html200")

    sandbox.post("/demo/postmark/email", {"From": "a@example.com", "To": "b@example.com", "TextBody": "Text"})

    [call] = receiver.wait_for(1)
    assert call.json["MessageID"] == sandbox.journal()[0]["esp_id"]


def test_a_connection_that_the_receiver_closed_is_replaced_at_once(run_sandbox, receiver, send_by_anymail, monkeypatch):
    monkeypatch.setattr(webhooks, "RECONNECT", 60)
    sandbox = run_sandbox(webhooks=receiver.url)
    for count in range(1, 9):  # More than there are connections, so that each is used again.
        send_by_anymail(sandbox)
        receiver.wait_for(count)

    receiver.hang_up()
    send_by_anymail(sandbox)

    receiver.wait_for(9)
