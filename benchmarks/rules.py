"""How many rules a second of CPU time Python evaluates, with and without the trace."""

from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from time import process_time

from automation.core.rules import Answer, check, evaluate, history, holds
from benchmarks import report
from benchmarks.ground import Ground
from benchmarks.run import Figures

TIMES = 20_000
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
# Of the size that a marketer builds: nine nodes, each of which must be asked.
RULE = {
    "all": [
        {"field": "event.payload.total", "op": "gte", "value": 50},
        {
            "any": [
                {"field": "contact.attributes.plan", "op": "in", "value": ["team", "pro"]},
                {"field": "contact.language", "op": "starts_with", "value": "pt"},
            ]
        },
        {"none": [{"field": "contact.region", "op": "eq", "value": "US"}]},
        {"field": "contact.attributes.trial_ends_at", "op": "within_next", "value": {"days": 7}},
        {"did": "OrderCompleted", "at_least": 2, "within": {"days": 30}},
    ]
}
FACTS = {
    "contact": {
        "language": "pt-BR",
        "region": "EU",
        "attributes": {"plan": "pro", "trial_ends_at": "2026-03-03T12:00:00Z"},
    },
    "event": {"payload": {"total": 120}},
    "history": {question.key: Answer(3) for question in history(RULE)},
}


def run(ground: Ground) -> Figures:
    check(RULE)
    traced, answered = (
        median(_per_s(way) for _ in range(ground.rounds))
        for way in (lambda: evaluate(RULE, FACTS, at=AT)["result"], lambda: holds(RULE, FACTS, at=AT))
    )
    report.say(f"  {traced:,.0f} rules a second of CPU with their traces, {answered:,.0f} without")
    return {"rules_per_second": traced, "rules_per_second_without_trace": answered}


def _per_s(ask: Callable[[], bool]) -> float:
    """Each answer is looked at: a rule that is false early would cost less."""
    began = process_time()
    yes = sum(ask() for _ in range(TIMES))
    seconds = process_time() - began
    if yes != TIMES:
        raise AssertionError("The rule does not hold, so not all of it was asked.")
    return TIMES / seconds
