"""ESPs that answer late, wrongly, by half, or not at all."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local import probes
from tests.faults.case import RABBITMQ, REDIS, case
from tests.faults.ground import DOMAIN, NAME, Ground
from tests.faults.workers import CONCURRENCY
from tests.outside import wait_until

READ_TIMEOUT_S = 30  # automation/delivery/send.py
REFUSED_S = 30
THROTTLED_S = 12


@contextmanager
def ailing(ground: Ground, *accounts: str, fail: str) -> Iterator[None]:
    """Every call of these accounts fails, until the breakers of all of them have opened. Then their ESPs are well."""
    for account in accounts:
        ground.mode(account=account, fail=fail)
    yield
    opened = "SELECT count(*) FROM automation_espaccount WHERE trips > 0 AND key = ANY(%s)"
    are_open = [(len(accounts),)]
    wait_until(lambda: ground.outside.rows(opened, list(accounts)) == are_open, seconds=60, what="breakers to open")
    for account in accounts:
        ground.mode(account=account)


@case(on=RABBITMQ, within=READ_TIMEOUT_S + 60)
def read_times_out(ground: Ground) -> None:
    """Accepted and never answered. Without webhooks they stay uncertain, and are never sent again."""
    ground.mode(fail="timeout_after_accept", count=6, webhooks={"drop": True})
    ground.promise.may_be_uncertain = 6
    ground.post("Receipt", 200)
    ground.wait_for_messages()


@case(on=RABBITMQ, short=True)
def answers_reset_halfway(ground: Ground) -> None:
    """Webhooks settle them."""
    ground.mode(fail="reset", probability=0.3)
    ground.post("News", 300)
    ground.wait_for_messages()


@case(on=REDIS)
def connections_closed_before_and_after_the_accept(ground: Ground) -> None:
    """Both look alike from outside. Those that were not accepted stay uncertain."""
    ground.mode(fail="cut_before_accept", count=15)
    ground.promise.may_be_uncertain = 15
    ground.post("News", 100)
    ground.wait_for_accepts(80)
    ground.mode(fail="cut_after_accept", probability=0.3)
    ground.post("News", 200)
    ground.wait_for_accepts(180)
    ground.mode()


@case(on=RABBITMQ, within=120)
def connections_refused_for_30_s(ground: Ground) -> None:
    """Nothing leaves, so nothing is uncertain and all of it goes out afterwards."""
    ground.mode(fail="refuse_connections", seconds=REFUSED_S)
    ground.post("News", 300)
    port = int(ground.stack.sandbox_url.rpartition(":")[2])
    wait_until(lambda: probes.listens(port), seconds=REFUSED_S + 30, what="the ESP to be back")


def throttled_on_one_of_two_accounts(ground: Ground, retry_after: int | str) -> None:
    """The other account's mail goes out meanwhile, and the throttled one is not stormed."""
    ground.mode(account="demo", fail="429", retry_after=retry_after, seconds=THROTTLED_S)
    began = time.monotonic()
    ground.post("News", 150)
    ground.post("Club", 150)

    wait_until(lambda: len(ground.accepted("demo-resend")) == 150, seconds=60, what="the other account's mail")

    passed = time.monotonic() - began
    assert passed < THROTTLED_S, f"the other account took {passed:.0f} s: it was held up, or the machine is too slow"
    assert not ground.accepted("demo"), "429 did not meet the account"
    wait_until(lambda: time.monotonic() > began + THROTTLED_S, seconds=60)
    refusals = sum(line["outcome"] == "throttled" for line in ground.outside.journal())
    # Each time that Retry-After is over, both workers try. They heed the first refusal at once.
    most = (THROTTLED_S // 3 + 1) * 2 * CONCURRENCY
    assert 0 < refusals <= most, f"{refusals} calls in {THROTTLED_S} s of throttling, at most {most} were to be"
    ground.notes.append(f"{refusals} calls were throttled in {THROTTLED_S} s")


@case(on=REDIS)
def throttled_by_seconds_on_one_of_two_accounts(ground: Ground) -> None:
    throttled_on_one_of_two_accounts(ground, 3)


@case(on=RABBITMQ)
def throttled_by_date_on_one_of_two_accounts(ground: Ground) -> None:
    throttled_on_one_of_two_accounts(ground, "http-date")


@case(on=REDIS)
def burst_of_500s(ground: Ground) -> None:
    """Not accepted, though nobody can know: uncertain, unless a key makes asking again safe."""
    ground.promise.may_be_uncertain = 40  # What both workers have under way when their breakers open.
    with ailing(ground, "demo", "demo-resend", fail="500"):
        ground.post("News", 200)
        ground.post("Club", 200)
    ground.wait_for_messages()


@case(on=RABBITMQ)
def burst_of_500s_after_the_accept(ground: Ground) -> None:
    with ailing(ground, "demo", "demo-resend", fail="500_after_accept"):
        ground.post("News", 200)
        ground.post("Club", 200)
    ground.wait_for_messages()


@case(on=REDIS, short=True)
def answers_200_with_html(ground: Ground) -> None:
    """2xx with a body that says nothing: accepted for all we know, and the webhook tells."""
    with ailing(ground, "demo", fail="html200"):
        ground.post("News", 150)
    ground.wait_for_messages()


@case(on=REDIS, short=True)
def poison_recipients_among_others(ground: Ground) -> None:
    """Refused by the ESP, no addresses at all, and names that would break a header: each fails alone."""
    ground.promise.may_fail = 15
    ground.contacts([(f"broken-{number}", f"not an address {number} {DOMAIN}", NAME) for number in range(5)])
    ground.post("Receipt", 50)
    ground.post("Receipt", 5, local="refuse")
    ground.post("Receipt", 5, name=f"{NAME}\r\nBcc: everybody@{DOMAIN}")
    ground.events("Receipt", [f"broken-{number}" for number in range(5)])
    ground.post("Receipt", 50)
    ground.wait_for_messages()
    wait_until(ground.is_drained, seconds=60)
    assert ground.statuses()["failed"] == 15, f"the poison was not tasted: {ground.statuses()}"


@case(on=REDIS, short=True)
def partial_batch(ground: Ground) -> None:
    """All is accepted and a part is answered. What is left out is uncertain, and nothing else; where a key makes it
    safe, the same batch is asked for again and answers for all."""
    ground.batch_calls()
    ground.mode(account="demo", partial_batch=5, webhooks={"drop": True})
    ground.mode(account="demo-resend", partial_batch=5, count=1, webhooks={"drop": True})
    with ground.nobody_delivers():
        ground.post("News", 60)
        ground.post("Club", 60)
    wait_until(ground.is_drained, seconds=60)

    unanswered = _ids(ground, "demo", "accepted_unanswered")
    ground.promise.may_be_uncertain = len(unanswered)
    assert len(unanswered) > 30, f"only {len(unanswered)} of 60 went unanswered: they were no batches"
    assert ground.having("uncertain") == unanswered, "others are uncertain than those left out of an answer"
    assert _ids(ground, "demo-resend", "duplicate"), "the batch of unknown outcome was not asked for again"


@case(on=RABBITMQ, short=True)
def poison_recipient_in_a_batch(ground: Ground) -> None:
    """It fails alone, whether the ESP checks the mails of a batch one by one or refuses it as a whole."""
    ground.batch_calls()
    ground.promise.may_fail = 6
    with ground.nobody_delivers():
        for flow in ("News", "Club"):
            ground.post(flow, 20)
            ground.post(flow, 3, local="refuse")
            ground.post(flow, 20)
    wait_until(ground.is_drained, seconds=60)
    statuses = ground.statuses()
    assert statuses["failed"] == 6, f"the poison was not tasted, or spoilt others: {statuses}"
    assert len(ground.accepted()) == 80


@case(on=REDIS)
def answers_to_batches_reset_halfway(ground: Ground) -> None:
    """A message in a batch has no key of its own, so nothing but a webhook settles it, at either ESP."""
    ground.batch_calls()
    ground.mode(fail="reset", probability=0.4)
    with ground.nobody_delivers():
        ground.post("News", 300)
        ground.post("Club", 300)


@case(on=REDIS, within=READ_TIMEOUT_S * 2 + 90)
def answers_to_batches_that_never_come(ground: Ground) -> None:
    """Nothing of them is sent again, at the ESP that honours keys neither."""
    ground.batch_calls()
    ground.mode(fail="timeout_after_accept", webhooks={"drop": True})
    with ground.nobody_delivers():
        ground.post("News", 40)
        ground.post("Club", 40)
    ground.promise.may_be_uncertain = 80


def _ids(ground: Ground, account: str, outcome: str) -> set[str]:
    lines = ground.outside.journal()
    return {line["our_id"] for line in lines if (line["account"], line["outcome"]) == (account, outcome)}


@case(on=REDIS, within=60)
def keep_alive_connections_closed_when_idle(ground: Ground) -> None:
    """The ESP closes idle connections just when the next call begins. Most must notice before they write."""
    chance = random.Random(7)
    ground.mode(idle_close_ms=250)
    for _ in range(25):
        ground.post("Receipt", 4)
        ground.wait_for_accepts(ground.promise.messages - 5)
        time.sleep(chance.uniform(0.1, 0.4))  # The fault itself: to be idle for about as long as the ESP allows.
    ground.promise.may_be_uncertain = 5


@case(on=REDIS, short=True)
def webhooks_come_before_the_answer_is_committed(ground: Ground) -> None:
    """Twice each, too. What they say stands, and the late answer changes nothing."""
    ground.mode(latency_ms=1500, webhooks={"duplicate": True, "reorder": True})
    ground.post("Receipt", 32)
    ground.post("Club", 32)
    attempted = "SELECT message_id FROM automation_attempt"
    early = f"SELECT 1 FROM automation_message WHERE status = 'delivered' AND id NOT IN ({attempted})"
    wait_until(lambda: ground.outside.rows(early), seconds=60, what="a webhook that is first")
    wait_until(ground.is_drained, seconds=60)
    wait_until(lambda: ground.statuses()["delivered"] == 64, seconds=60, what="all to be delivered")
    attempts = "SELECT count(*) FROM automation_attempt WHERE outcome = 'accepted'"
    wait_until(lambda: ground.outside.rows(attempts) == [(64,)], seconds=60, what="the answers to be written down")
