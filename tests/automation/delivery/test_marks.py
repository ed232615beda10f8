"""Begin marks: of the sender and the reaper, one wins, and what may have been lost is not believed."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import redis
from django.db import connection
from django.utils import timezone

from automation.core.ids import new_id
from automation.core.redis import client
from automation.delivery import marks
from automation.delivery.claim import claim
from automation.delivery.marks import LIFE, Claim
from automation.delivery.reap import reap_leases
from automation.models import Message
from tests.factories import make_message


def claims(count, epoch="now"):
    epoch = marks.epoch() if epoch == "now" else epoch
    return [Claim(new_id(), 1, epoch) for _ in range(count)]


def claimed(message):
    [one] = claim(account=message.account, lane=message.lane, limit=1, epoch=marks.epoch()).claimed
    return one.claim


def status_once_reaped(message):
    Message.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    reap_leases()
    message.refresh_from_db()
    return message.status


# --- Who is first -----------------------------------------------------------------------------------------------------


def test_a_call_that_has_begun_cannot_be_revoked():
    one, other = claims(2)
    assert marks.begin([one]) == [one]

    assert marks.revoke([one, other]) == [other]


def test_a_call_that_was_revoked_cannot_begin():
    one, other = claims(2)
    assert marks.revoke([one]) == [one]

    assert marks.begin([one, other]) == [other]


def test_a_call_begins_once_and_is_revoked_once():
    begun, revoked = claims(2)
    marks.begin([begun])
    marks.revoke([revoked])

    assert marks.begin([begun]) == []
    assert marks.revoke([revoked]) == []


def test_a_mark_speaks_of_one_claim_of_its_message_only():
    [one] = claims(1)
    marks.revoke([one])

    later = one._replace(fence=2)

    assert marks.begin([later]) == [later]


def test_without_claims_nobody_is_asked(redis_away):
    assert marks.begin([]) == []
    assert marks.revoke([]) == []


@pytest.mark.parametrize("batch", [1, 7])
def test_of_a_sender_and_a_reaper_that_race_exactly_one_wins_each(batch):
    raced = claims(1_000)
    start = threading.Barrier(2)

    def race(act, head_start):
        won = []
        for first in range(0, len(raced), batch):
            start.wait(timeout=10)
            if head_start:
                time.sleep(random.random() * 0.001)
            won += act(raced[first : first + batch])
        return won

    with ThreadPoolExecutor(2) as threads:
        begun = threads.submit(race, marks.begin, head_start=True)
        revoked = threads.submit(race, marks.revoke, head_start=False)

    assert sorted(begun.result() + revoked.result()) == sorted(raced)
    assert begun.result()
    assert revoked.result()


def test_forgotten_marks_leave_nothing_behind():
    some = claims(3)
    marks.begin(some)

    marks.forget(some)

    assert not client().exists(*(marks._key(one) for one in some))


def test_a_mark_that_nobody_forgets_runs_out_by_itself():
    [one] = claims(1)
    marks.begin([one])

    assert LIFE.total_seconds() - 10 < client().ttl(marks._key(one)) <= LIFE.total_seconds()


# --- What may have been lost ------------------------------------------------------------------------------------------


def test_the_epoch_stays_while_nothing_is_lost(valkey):
    assert len({marks.epoch() for _ in range(5)}) == 1


def test_it_changes_when_redis_is_emptied(valkey):
    before = marks.epoch()
    client().flushdb()

    assert marks.epoch() != before


def test_it_changes_when_redis_starts_anew_even_if_it_has_kept_everything(valkey, tmp_path):
    before = marks.epoch()
    client().save()
    valkey.stop()
    valkey.start()

    assert client().get("marks:epoch") is not None
    assert marks.epoch() != before


def test_it_changes_when_redis_drops_keys_for_want_of_room(valkey):
    before = marks.epoch()
    with redis.Redis.from_url(valkey.url) as own:
        own.config_set("maxmemory-policy", "volatile-ttl")  # Spares the token, and takes the marks.
        own.config_set("maxmemory", own.info("memory")["used_memory"] + 1_000_000)
        for number in range(2_000):
            own.set(f"filler:{number}", "x" * 1_000, ex=60)

    assert marks.epoch() != before


def test_without_redis_there_is_none(redis_away):
    assert marks.epoch() is None


@pytest.mark.parametrize("lose", [lambda server: client().flushdb(), lambda server: (server.stop(), server.start())])
def test_a_call_of_an_earlier_epoch_may_have_begun(valkey, lose):
    some = claims(2)
    marks.begin(some[:1])
    lose(valkey)

    assert marks.revoke(some) == []


def test_marks_that_are_lost_while_the_reaper_asks_are_not_believed(valkey, monkeypatch):
    [one] = claims(1)
    marks.begin([one])
    set_first = marks._set_first

    def set_first_after_a_loss(*args):
        client().flushdb()
        return set_first(*args)

    monkeypatch.setattr(marks, "_set_first", set_first_after_a_loss)

    assert marks.revoke([one]) == []


def test_a_reaper_without_redis_believes_nothing_of_marks_in_redis(valkey):
    some = claims(2)
    valkey.stop()

    assert marks.revoke(some) == []


# --- The slow road: marks in the rows ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_when_redis_goes_between_the_claim_and_the_call_the_row_keeps_the_mark(valkey):
    message = make_message()
    one = claimed(message)
    valkey.stop()

    assert marks.begin([one]) == [one]
    message.refresh_from_db()
    assert message.call_begun
    assert status_once_reaped(message) == "uncertain"


@pytest.mark.django_db
def test_such_a_mark_is_believed_though_redis_has_come_back(valkey):
    message = make_message()
    one = claimed(message)
    valkey.stop()
    marks.begin([one])
    valkey.start()

    assert status_once_reaped(message) == "uncertain"


@pytest.mark.django_db
def test_a_claim_that_was_made_without_redis_begins_in_its_row(redis_away):
    messages = [make_message() for _ in range(2)]
    first, second = (claimed(message) for message in messages)
    assert first.epoch is None

    assert marks.begin([first]) == [first]

    assert marks.revoke([second]) == [second]
    assert [status_once_reaped(message) for message in messages] == ["uncertain", "queued"]
    assert marks.begin([second]) == []


@pytest.mark.django_db
def test_a_claim_made_without_redis_still_begins_in_its_row_when_redis_is_back():
    message = make_message()
    [one] = claim(account=message.account, lane=message.lane, limit=1, epoch=None).claimed
    [other] = claims(1)

    assert set(marks.begin([one.claim, other])) == {one.claim, other}
    message.refresh_from_db()
    assert message.call_begun


@pytest.mark.django_db
@pytest.mark.parametrize("moved_on", [{"status": "queued"}, {"fence": 9}, {"status": "uncertain"}])
def test_a_row_that_has_moved_on_lets_no_call_begin(redis_away, moved_on):
    message = make_message()
    one = claimed(message)
    Message.objects.update(**moved_on)

    assert marks.begin([one]) == []
    message.refresh_from_db()
    assert not message.call_begun


@pytest.mark.django_db(transaction=True)
def test_in_rows_too_exactly_one_wins(redis_away):
    messages = [make_message() for _ in range(30)]
    raced = [claimed(message) for message in messages]
    Message.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    start = threading.Barrier(2)

    def begin():
        try:
            start.wait(timeout=10)
            return [one for single in raced for one in marks.begin([single])]
        finally:
            connection.close()

    def reap():
        try:
            start.wait(timeout=10)
            while reap_leases(limit=3):
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        begun, _ = threads.submit(begin), threads.submit(reap)
    reap_leases()

    uncertain = Message.objects.filter(status="uncertain").values_list("pk", flat=True)
    assert {one.message_id for one in begun.result()} == set(uncertain)
    assert Message.objects.filter(status="queued").count() == len(raced) - len(uncertain)


def test_forgetting_needs_no_redis(redis_away):
    marks.forget(claims(2, epoch=1))
