"""Count: add what became of messages to the tallies, in the transaction that moves them."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from django.db import connection

from automation.delivery.models import Counted


class Fact(NamedTuple):
    """Something has become of one message. `models/tally.py` says when it is a fact."""

    what: Counted
    account_id: int
    sender_id: int
    flow_id: int | None
    number: int = 1  # -1: it is no fact after all.


def count(facts: Iterable[Fact]) -> None:
    """Add each fact to the tallies of this hour. One statement; no facts, none. Waits for nobody.

    In the caller's transaction, which moves the messages: the two stand or fall together.
    """
    if numbers := Counter(facts):
        rows = [{**fact._asdict(), "number": fact.number * number} for fact, number in numbers.items()]
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [msgspec.json.encode(rows).decode()])


def adding(*columns: Counted) -> str:
    """The end of an INSERT into `automation_tally AS tally` that adds to what is there."""
    sums = ", ".join(f"{column} = tally.{column} + excluded.{column}" for column in columns)
    return f"ON CONFLICT (hour, account_id, sender_id, flow_id, backend) DO UPDATE SET {sums}"


_COUNT = f"""
INSERT INTO automation_tally AS tally (hour, backend, account_id, sender_id, flow_id, {", ".join(Counted)})
SELECT date_trunc('hour', now(), 'UTC'), pg_backend_pid(), account_id, sender_id, flow_id,
       {", ".join(f"coalesce(sum(number) FILTER (WHERE what = '{what}'), 0)" for what in Counted)}
FROM json_to_recordset(%s::json) AS fact (
    what text, account_id bigint, sender_id bigint, flow_id bigint, number int
)
GROUP BY account_id, sender_id, flow_id
{adding(*Counted)}
"""  # noqa: S608
