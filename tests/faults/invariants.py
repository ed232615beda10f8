"""What must hold after every case, counted from the sandbox's journal, the database and the logs.

I1  At most one accept of a message in the journal.
I2  Every message has ended, or is `uncertain`, within the case's time; none has failed or is uncertain beyond what
    the case says may.
I3  Every accept is of a message that is `sent` or later, or `uncertain`.
I4  No accept of a message that was claimed after the commit of a suppression that speaks against it. Those that were
    in flight at that instant are counted apart, and come within a lease.
I5  What is counted equals a recount: a message's attempts, the tallies, and the sandbox's counts.
I6  No log holds an address or a name.
"""

import hmac
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tests.faults.ground import DOMAIN, LEASE_S, NAME, Ground

LATER = {"sent", "delivered", "bounced", "complained"}
ENDED = {*LATER, "uncertain", "failed", "withheld"}
COUNTED = ("accepted", "failed", "unknown", "delivered", "hard_bounced", "blocked", "complained")
# PostgreSQL stamps a commit just before others can see it.
VISIBLE_WITHIN = timedelta(milliseconds=50)


class Message(NamedTuple):
    id: str
    status: str
    reason: str
    attempts: int
    recount: int
    to: str
    topic_id: int | None
    claimed_at: datetime | None


@dataclass
class Findings:
    """Numbers for the table, and every breach in words."""

    messages: int = 0
    lost: int = 0
    doubled: int = 0
    uncertain: int = 0
    in_flight_at_opt_out: int = 0
    breaches: list[str] = field(default_factory=list)

    def hold(self, truth: object, breach: str) -> None:
        if not truth:
            self.breaches.append(breach)


def examine(ground: Ground, log_sizes: dict[str, int]) -> Findings:
    """`log_sizes`: how long each log was when the case began."""
    messages = {row[0]: Message(*row) for row in ground.outside.rows(_MESSAGES)}
    journal = ground.outside.journal()
    accepts = [line for line in journal if line["outcome"].startswith("accepted")]
    statuses = Counter(message.status for message in messages.values())
    found = Findings(messages=ground.promise.messages, uncertain=statuses["uncertain"])
    _once(found, ground, messages, accepts)
    _ended(found, ground, messages, accepts, statuses)
    _accepts_are_known(found, messages, accepts)
    _against_nobodys_will(found, ground, messages, accepts)
    _counters(found, ground, messages, journal)
    _logs(found, ground, log_sizes)
    return found


def _once(found: Findings, ground: Ground, messages: dict[str, Message], accepts: list[dict[str, Any]]) -> None:
    numbers = Counter(line["our_id"] for line in accepts)
    repeated = {our_id: number for our_id, number in numbers.items() if number > 1}
    surplus = max(0, len(messages) - ground.promise.messages)
    found.doubled = sum(number - 1 for number in repeated.values()) + surplus
    found.hold(not repeated, f"I1 accepted more than once: {dict(list(repeated.items())[:5])}")
    found.hold(not surplus, f"I1 {surplus} more messages than events")


def _ended(
    found: Findings,
    ground: Ground,
    messages: dict[str, Message],
    accepts: list[dict[str, Any]],
    statuses: Counter[str],
) -> None:
    """Lost: never became a message, has not ended, is held for sent although the ESP never had it, or failed."""
    promise, had = ground.promise, {line["our_id"] for line in accepts}
    missing = max(0, promise.messages - len(messages))
    pending = [m for m in messages.values() if m.status not in ENDED]
    never_had = [m for m in messages.values() if m.status in LATER and m.id not in had]
    failed = max(0, statuses["failed"] - promise.may_fail)
    found.lost = missing + len(pending) + len(never_had) + failed
    found.hold(not missing, f"I2 {missing} events have no message")
    found.hold(not pending, f"I2 not ended: {[m[:4] for m in pending[:5]]} and more, {len(pending)} in all")
    found.hold(not never_had, f"I3 {len(never_had)} count as sent, but the ESP never had them")
    for status, most in [
        ("failed", promise.may_fail), ("withheld", promise.may_be_withheld), ("uncertain", promise.may_be_uncertain)
    ]:  # fmt: skip
        reasons = Counter(m.reason for m in messages.values() if m.status == status)
        found.hold(statuses[status] <= most, f"I2 {statuses[status]} {status}, at most {most} may be: {reasons}")


def _accepts_are_known(found: Findings, messages: dict[str, Message], accepts: list[dict[str, Any]]) -> None:
    for line in accepts:
        message = messages.get(line["our_id"])
        status = message.status if message else "unknown"
        found.hold(status in {*LATER, "uncertain"}, f"I3 accepted, but {status}: {line['our_id']}")


def _against_nobodys_will(
    found: Findings, ground: Ground, messages: dict[str, Message], accepts: list[dict[str, Any]]
) -> None:
    suppressions: dict[bytes, list[tuple[int | None, str, datetime]]] = {}
    for address_hash, *rest in ground.outside.rows(_SUPPRESSIONS):
        suppressions.setdefault(bytes(address_hash), []).append((rest[0], rest[1], rest[2]))
    key = ground.stack.env["SUPPRESSION_HASH_KEY"].encode()
    for line in accepts if suppressions else []:
        message = messages.get(line["our_id"])
        if message is None or message.claimed_at is None:
            continue
        accepted_at = datetime.fromisoformat(line["at"])
        for topic_id, scope, committed_at in suppressions.get(_hash(key, message.to), []):
            speaks = scope == "all" or (message.topic_id is not None and topic_id in (None, message.topic_id))
            if not speaks or accepted_at <= committed_at:
                continue
            found.in_flight_at_opt_out += 1
            claimed_before = message.claimed_at <= committed_at + VISIBLE_WITHIN
            found.hold(claimed_before, f"I4 claimed after the opt-out was committed: {message.id}")
            in_time = accepted_at <= message.claimed_at + timedelta(seconds=LEASE_S)
            found.hold(in_time, f"I4 accepted when its lease was over: {message.id}")


def _hash(key: bytes, address: str) -> bytes:
    """As suppression/address.py does it; written anew, since this checks that."""
    return hmac.new(key, address.strip().lower().encode(), "sha256").digest()


def _counters(found: Findings, ground: Ground, messages: dict[str, Message], journal: list[dict[str, Any]]) -> None:
    wrong = [m for m in messages.values() if m.attempts != m.recount]
    found.hold(not wrong, f"I5 attempts counted {[(m.id, m.status, m.attempts, m.recount) for m in wrong[:5]]}"
                          f" and more, {len(wrong)} in all")  # fmt: skip
    tallies, recounted_tallies = (_by_key(ground.outside.rows(query)) for query in (_TALLIES, _RECOUNT))
    found.hold(tallies == recounted_tallies, f"I5 the tallies are {tallies}, a recount gives {recounted_tallies}")
    answer = ground.outside.http.get(f"{ground.stack.sandbox_url}/counts", timeout=5).json()["accounts"]
    counted = {(account, outcome): number for account, of in answer.items() for outcome, number in of.items()}
    recounted = dict(Counter((line["account"], line["outcome"]) for line in journal))
    found.hold(counted == recounted, f"I5 the sandbox counts {counted}, its journal has {recounted}")


def _by_key(rows: list[tuple[Any, ...]]) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """By account, sender and flow: what was counted, in the order of COUNTED."""
    return {row[:3]: tuple(map(int, row[3:])) for row in rows if any(row[3:])}


def log_sizes(ground: Ground) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in (ground.stack.data_dir / "log").iterdir()}


def _logs(found: Findings, ground: Ground, sizes: dict[str, int]) -> None:
    for path in (ground.stack.data_dir / "log").iterdir():
        with path.open("rb") as log:
            before = sizes.get(path.name, 0)
            log.seek(before if before <= path.stat().st_size else 0)
            lines = log.read().splitlines()
        told = [line for line in lines if DOMAIN.encode() in line or NAME.encode() in line]
        found.hold(not told, f"I6 {path.name} tells of people in {len(told)} lines: {told[:1]!r:.300}")


# A claim that ESPs refuse because of the account is no attempt of the message's own, though it is kept.
_MESSAGES = """
SELECT m.id::text, m.status, m.reason, m.attempts,
       (SELECT count(DISTINCT a.number) FROM automation_attempt a WHERE a.message_id = m.id AND a.outcome <> 'account'),
       m.to_email, m.topic_id, m.claimed_at
FROM automation_message m
"""
_TALLIES = f"""
SELECT account_id, sender_id, flow_id, {", ".join(f"sum({name})" for name in COUNTED)}
FROM automation_tally GROUP BY 1, 2, 3
"""
# Of an attempt that was reported twice, by the reaper and by its worker after all, the first counts.
_RECOUNT = """
SELECT m.account_id, m.sender_id, version.flow_id,
       count(*) FILTER (WHERE m.status IN ('sent', 'delivered', 'bounced', 'complained')),
       count(*) FILTER (WHERE m.status = 'failed' AND m.attempts > 0),
       sum((SELECT count(*) FROM (
           SELECT DISTINCT ON (number) outcome FROM automation_attempt AS a
           WHERE a.message_id = m.id AND outcome <> 'account' ORDER BY number, id
       ) AS first WHERE outcome = 'unknown')),
       count(m.delivered_at),
       count(*) FILTER (WHERE m.reason = 'hard_bounce' AND m.status IN ('bounced', 'complained')),
       count(*) FILTER (WHERE m.reason = 'block' AND m.status IN ('bounced', 'complained')),
       count(m.complained_at)
FROM automation_message AS m LEFT JOIN automation_flowversion AS version ON version.id = m.flow_version_id
GROUP BY 1, 2, 3
"""
_SUPPRESSIONS = """
SELECT address_hash, topic_id, scope, pg_xact_commit_timestamp(xmin) FROM suppression_suppression
"""
