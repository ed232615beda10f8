"""Handing messages over: whatever happens has an outcome that can be written down."""

import json
from datetime import timedelta
from time import monotonic

import pytest

from automation.core.lanes import Lane
from automation.core.redis import client
from automation.delivery import marks
from automation.delivery.claim import claim
from automation.delivery.deliver import deliver
from automation.delivery.send import Call
from automation.delivery.sender import Sender
from automation.models import Attempt, Message
from tests.automation.delivery.stub_esp import ACCEPTED, StubEsp, answer
from tests.factories import make_account, make_message, make_sender, make_template

pytestmark = pytest.mark.django_db


@pytest.fixture
def esp():
    esp = StubEsp()
    yield esp
    esp.close()


@pytest.fixture
def account(esp, monkeypatch):
    client().flushdb()
    monkeypatch.setenv("ESP_TEST", json.dumps({"server_token": "t"}))
    return make_account(api_url=esp.url, concurrency=1)


@pytest.fixture
def send(account):
    """Claim a message and hand it over; what came of it."""
    sender = Sender(account)

    def act(message):
        [one] = claim(account=account, lane=message.lane, limit=1, epoch=marks.epoch()).claimed
        [result] = sender.make(Call([one], begin_by=monotonic() + 30))
        return result.result

    yield act
    sender.close_idle(idle_s=0)


def run():
    return deliver(lane=Lane.TRANSACTIONAL, budget=timedelta(seconds=5))


def damaged_template():
    """Such as no version of today is, but one of tomorrow or of yesterday may be."""
    template = make_template()
    template.live_version = template.versions.create(
        number=2, content={"": {"subject": "x"}}, variables=[], source={}, content_hash="x"
    )
    template.save()
    return template


def test_an_accepted_mail_brings_the_esps_id(account, send):
    result = send(make_message(account=account, to_email="ana@example.com"))

    assert (result.outcome, result.esp_message_id) == ("accepted", "esp-1")


def test_calls_of_one_sender_share_a_connection(account, send, esp):
    for _ in range(5):
        send(make_message(account=account))

    assert (len(esp.requests), esp.connections) == (5, 1)


@pytest.mark.parametrize("esp_id", ["x" * 400, "a\0b", "a\ud800b"])
def test_an_accepted_mail_is_written_down_whatever_id_the_esp_gave_it(account, esp, esp_id):
    message = make_message(account=account, to_email="ana@example.com")
    esp.answers = [answer(200, {**ACCEPTED, "MessageID": esp_id})]

    assert run() == 1

    message.refresh_from_db()
    assert message.status == Message.Status.SENT
    assert message.esp_message_id == esp_id.replace("\0", "").replace("\ud800", "?")[:255]


@pytest.mark.timeout(20)
def test_a_mail_that_cannot_be_built_for_whatever_reason_fails_and_holds_up_nobody(account, esp):
    shared = {"account": account, "sender": make_sender(account)}
    broken, sound = make_message(**shared, template=damaged_template()), make_message(**shared)

    assert run() == 2

    broken.refresh_from_db()
    sound.refresh_from_db()
    assert (broken.status, sound.status) == ("failed", "sent")
    assert Attempt.objects.get(message=broken).detail == "It cannot be built: KeyError"
    assert len(esp.requests) == 1


def test_a_bug_of_ours_leaves_the_outcome_unknown_and_the_pump_running(account, esp, monkeypatch):
    def stumble(error, **context):
        raise ZeroDivisionError

    monkeypatch.setattr("automation.delivery.send.build", lambda envelope: None)  # Anymail stumbles over it …
    monkeypatch.setattr("automation.delivery.send.classify", stumble)  # … and then we do.
    message = make_message(account=account)

    run()

    message.refresh_from_db()
    assert (message.status, message.reason) == ("uncertain", "unknown: ZeroDivisionError")


def test_why_a_mail_cannot_be_rendered_is_kept_as_far_as_there_is_room(account, send):
    template = make_template(text="{{ " + "a_long_name" * 100 + ".x.y }}")

    result = send(make_message(account=account, template=template))

    assert result.outcome == "rejected"
    assert len(result.detail) <= 500


@pytest.mark.parametrize("secrets", [None, "{}", "secret", '["secret"]'])
def test_settings_that_make_no_backend_are_the_accounts_fault(account, send, monkeypatch, secrets, esp):
    monkeypatch.delenv("ESP_TEST")
    if secrets is not None:
        monkeypatch.setenv("ESP_TEST", secrets)

    result = send(make_message(account=account))

    assert result.outcome == "account"
    assert "secret" not in result.detail
    assert not esp.requests
