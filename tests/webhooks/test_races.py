"""The digest pump beside itself and beside the worker that sends."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from automation.core.lanes import Lane
from automation.delivery.claim import claim
from automation.delivery.outcomes import Outcome, SendResult
from automation.delivery.send import Result
from automation.delivery.settle import settle
from automation.models import Attempt, Engagement, EspAccount, Event, Message
from suppression.models import Suppression
from tests.automation.delivery.tallied import tallied
from tests.factories import make_contact, make_message
from tests.suppression.test_races import together
from tests.webhooks.esps import make_esp_account
from tests.webhooks.factories import digest_all, make_row
from tests.webhooks.payloads import postmark
from webhooks.models import InboxEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(monkeypatch) -> EspAccount:
    return make_esp_account("postmark", monkeypatch)


def claim_messages(account: EspAccount, count: int) -> list[Result]:
    """As many messages as `count`, whose calls have just come back: accepted."""
    for _ in range(count):
        make_message(account=account, contact=make_contact())
    now = timezone.now()
    accepted = SendResult(Outcome.ACCEPTED, esp_message_id="from the answer")
    claims = claim(account=account, lane=Lane.TRANSACTIONAL, limit=count, epoch=7).claimed
    return [Result(one, accepted, now - timedelta(milliseconds=40), now) for one in claims]


def tell(account: EspAccount, results: list[Result], record_type: str = "Delivery") -> None:
    for one in reversed(results):
        envelope = one.claimed.envelope
        make_row(account, postmark(record_type, str(envelope.message_id), envelope.to_email, ID=1, Type="HardBounce"))


@pytest.mark.parametrize("_", range(5))
def test_a_webhook_and_the_answer_of_the_send_may_come_at_once(account: EspAccount, _: int) -> None:
    results = claim_messages(account, 20)
    tell(account, results)

    together(digest_all, partial(settle, results, account), partial(settle, results[::-1], account))

    messages = Message.objects.all()
    assert {(message.status, message.attempts, message.lease_until) for message in messages} == {("delivered", 1, None)}
    assert {message.esp_message_id for message in messages} <= {"from the answer", *(f"pm-{m.pk}" for m in messages)}
    assert Attempt.objects.count() == 40  # The record of calls is kept in any case.


def test_a_webhook_that_comes_first_stands(account: EspAccount) -> None:
    results = claim_messages(account, 1)
    tell(account, results, "Bounce")

    digest_all()
    settle(results, account)

    message = Message.objects.get()
    assert (message.status, message.reason, message.attempts) == ("bounced", "hard_bounce", 1)
    assert Attempt.objects.get().number == 1


def test_links_followed_at_once_are_a_machines_whichever_pump_is_told_of_them(account, monkeypatch) -> None:
    monkeypatch.setattr("webhooks.digest.BATCH", 4)  # So that no pump is told of all.
    results = claim_messages(account, 10)
    for number in range(3):
        for one in results[:: (-1) ** number]:
            envelope = one.claimed.envelope
            click = {"OriginalLink": f"https://example.com/{number}"}
            make_row(account, postmark("Click", str(envelope.message_id), envelope.to_email, **click))

    together(digest_all, digest_all, digest_all)

    assert [row.signs for row in Engagement.objects.all()] == [["links_at_once"]] * 30
    assert {(message.clicked_at is None, message.human_clicked_at) for message in Message.objects.all()} == {
        (False, None)
    }
    assert tallied() == {"accepted": 10, "clicked": 10}


def test_pumps_beside_each_other_do_each_call_once(account: EspAccount) -> None:
    results = claim_messages(account, 30)
    for record_type in ("Delivery", "Open", "Bounce"):
        tell(account, results, record_type)

    together(digest_all, digest_all, digest_all)

    assert {row.status for row in InboxEvent.objects.all()} == {"digested"}
    assert {message.status for message in Message.objects.all()} == {"bounced"}
    assert Event.objects.count() == 90
    assert Suppression.objects.count() == 30
