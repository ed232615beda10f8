"""Results that cannot be written down for now are held, but not for ever."""

from time import monotonic, sleep

import pytest
from django.db import OperationalError
from django.utils import timezone

from automation.core.lanes import Lane
from automation.delivery import marks, unsettled
from automation.delivery.claim import claim
from automation.delivery.outcomes import Outcome, SendResult
from automation.delivery.send import Result
from automation.delivery.unsettled import Unsettled
from automation.models import Attempt, Message
from tests.factories import make_account, make_message

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(30)]


@pytest.fixture
def account():
    return make_account()


def accepted(account):
    make_message(account=account)
    [one] = claim(account=account, lane=Lane.TRANSACTIONAL, limit=1, epoch=marks.epoch()).claimed
    now = timezone.now()
    return Result(one, SendResult(Outcome.ACCEPTED, esp_message_id="e"), now, now)


@pytest.fixture
def database_away(monkeypatch):
    """Until the value that it yields is set back."""
    settle, state = unsettled.settle, {"away": True, "tried": 0}

    def maybe(results, account):
        state["tried"] += 1
        if state["away"]:
            raise OperationalError("the server has closed the connection")
        settle(results, account)

    monkeypatch.setattr(unsettled, "settle", maybe)
    monkeypatch.setattr(unsettled, "RETRY_S", 0.05)
    return state


def test_results_wait_for_the_database_and_are_written_once_it_is_back(account, database_away):
    results = Unsettled(account)
    results.add([accepted(account)])
    assert results.settle_if_due(no_more_to_come=True) == []
    results.add([accepted(account)])
    database_away["away"] = False
    sleep(0.06)

    assert len(results.settle_if_due(no_more_to_come=True)) == 2

    assert not results
    assert set(Message.objects.values_list("status", flat=True)) == {"sent"}
    assert Attempt.objects.count() == 2


def test_a_database_that_stays_away_is_not_asked_in_every_round(account, database_away):
    results = Unsettled(account)
    results.add([accepted(account)])

    for _ in range(20):
        results.settle_if_due(no_more_to_come=True)

    assert database_away["tried"] == 1


def test_they_are_given_up_in_time_however_many_come_in_meanwhile(account, database_away, monkeypatch):
    """The patience is that of the outage: with one of each batch's own, results would outlive leases by far."""
    monkeypatch.setattr(unsettled, "HOLD_S", 0.5)
    accounts = [Unsettled(account), Unsettled(make_account())]
    one = accepted(account)
    began = monotonic()

    def results_come_in():
        while monotonic() - began < 5:
            for results in accounts:
                results.add([one])
                results.settle_if_due(no_more_to_come=True)
            sleep(0.01)

    with pytest.raises(OperationalError):
        results_come_in()

    assert 0.5 <= monotonic() - began < 2


def test_a_later_outage_has_a_patience_of_its_own(account, database_away, monkeypatch):
    monkeypatch.setattr(unsettled, "HOLD_S", 0.1)
    one = accepted(account)
    first = Unsettled(account)
    first.add([one])
    first.settle_if_due(no_more_to_come=True)
    sleep(0.15)
    with pytest.raises(OperationalError):
        first.settle_if_due(no_more_to_come=True)

    later = Unsettled(account)
    later.add([one])

    assert later.settle_if_due(no_more_to_come=True) == []
