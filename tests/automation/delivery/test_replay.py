import pytest

from automation.core.lanes import Lane
from automation.delivery.claim import claim
from automation.delivery.models import Message
from automation.delivery.pause import pause_account
from automation.delivery.replay import replay
from automation.delivery.resume import resume_account
from suppression.address import hash_address
from suppression.models import Scope
from tests.factories import make_account, make_message
from tests.suppression.factories import make_suppression

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", [s for s in Message.Status.values if s != "failed"])
def test_only_what_failed_is_replayed(status):
    make_message(status=status, attempts=3, reason="why")

    assert replay(Message.objects.all()) == 0
    assert Message.objects.filter(status=status, attempts=3, reason="why").exists()


def test_a_replayed_message_is_asked_about_anew():
    allowed, suppressed = make_message(status="failed", attempts=8), make_message(status="failed", attempts=8)
    make_suppression(address_hash=hash_address(suppressed.to_email), scope=Scope.ALL)

    assert replay(Message.objects.all()) == 2

    for message in (allowed, suppressed):
        claims = claim(account=message.account, lane=Lane.TRANSACTIONAL, limit=10, epoch=None)
        message.refresh_from_db()
        assert [one.attempt for one in claims.claimed] == ([1] if message == allowed else [])
    assert (allowed.status, suppressed.status) == ("sending", "withheld")


def test_any_number_costs_the_same(django_assert_num_queries):
    for _ in range(3):
        make_message(status="failed")

    with django_assert_num_queries(3):  # Two of them begin and end the transaction.
        assert replay(Message.objects.all()) == 3


def test_a_paused_account_is_resumed_once():
    account = make_account()
    pause_account(account, reason="401")

    assert [resume_account(account), resume_account(account)] == [True, False]

    account.refresh_from_db()
    assert (account.status, account.paused_reason) == ("active", "")
