"""Segments among 1,000,000 contacts: counting by a rule beside SQL by hand; and what one event costs 200 of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from statistics import median
from time import perf_counter
from typing import NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from automation.core import rules
from automation.core.json import JsonObject
from automation.models import Contact, Event, EventType, Segment
from automation.segments.keep import keep_segments
from automation.segments.mark import mark
from automation.segments.revise import revise
from benchmarks.ground import Ground
from benchmarks.react import rolled_back, some_events
from benchmarks.run import Figures

CONTACTS = 1_000_000
EVENTS = 1_000_000  # In a year, of half of the contacts.
TIMES = 3  # A round.
SEGMENTS, CHANGEABLE = 200, 3
BOUGHT = "BenchBought"


class Question(NamedTuple):
    name: str
    rule: JsonObject
    by_hand: str  # The count, with the parameters `type` and `at`.


QUESTIONS = (
    Question(
        "plan_and_domain",
        {
            "all": [
                {"field": "contact.attributes.plan", "op": "eq", "value": "pro"},
                {"field": "contact.email", "op": "in_domain", "value": "d3.example.com"},
            ]
        },
        r"""
        SELECT count(*) FROM automation_contact WHERE attributes ->> 'plan' = 'pro'
        AND (lower(email) LIKE '%%@d3.example.com' OR lower(email) LIKE '%%.d3.example.com')
        """,
    ),
    Question(
        "in_domain",
        {"field": "contact.email", "op": "in_domain", "value": "d3.example.com"},
        r"""
        SELECT count(*) FROM automation_contact
        WHERE lower(email) LIKE '%%@d3.example.com' OR lower(email) LIKE '%%.d3.example.com'
        """,
    ),
    Question(
        "twice",
        {"did": BOUGHT, "at_least": 2, "within": {"days": 30}},
        r"""
        SELECT count(*) FROM automation_contact WHERE id IN (
            SELECT contact_id FROM automation_event
            WHERE event_type_id = %(type)s AND occurred_at > %(at)s - interval '30 days'
            GROUP BY contact_id HAVING count(*) >= 2
        )
        """,
    ),
    Question(
        "never",
        {"did": BOUGHT, "at_most": 0},
        r"""
        SELECT count(*) FROM automation_contact AS contact WHERE NOT EXISTS (
            SELECT FROM automation_event WHERE contact_id = contact.id AND event_type_id = %(type)s
        )
        """,
    ),
)


def run(ground: Ground) -> Figures:
    with _crowd() as event_type:
        ground.rest()
        at = timezone.now()
        ratios = {one.name: _compare(ground, one, event_type, at) for one in QUESTIONS}
    ground.rest()
    few, many = [], []
    for _ in range(ground.rounds):
        few.append(_us_an_event(CHANGEABLE))
        many.append(_us_an_event(SEGMENTS))
    ground.say(f"  an event: {median(few):.0f} µs with {CHANGEABLE} segments, {median(many):.0f} with {SEGMENTS}")
    return {
        "segment_vs_hand_sql": max(ratios.values()),
        **{f"segment_{name}_vs_hand_sql": ratio for name, ratio in ratios.items()},
        "segment_event_200_vs_3": median(m / f for m, f in zip(many, few, strict=True)),
        "segment_event_us": median(many),
    }


def _compare(ground: Ground, question: Question, event_type: EventType, at: datetime) -> float:
    """Our time as a multiple of that by hand, taking turns in who is first."""

    def ours() -> int:
        return Contact.objects.filter(rules.condition(question.rule, at=at)).count()

    def by_hand() -> int:
        with connection.cursor() as cursor:
            cursor.execute(question.by_hand, {"type": event_type.pk, "at": at})
            return int(cursor.fetchone()[0])

    if ours() != by_hand():
        raise AssertionError(f"“{question.name}” is not the same question by hand.")
    pairs = []
    for n in range(ground.rounds * TIMES):
        took = {way: _seconds(way) for way in ((ours, by_hand) if n % 2 else (by_hand, ours))}
        pairs.append((took[ours], took[by_hand]))
    rule_s, hand_s = (median(one) for one in zip(*pairs, strict=True))
    ground.say(f"  {question.name}: {rule_s * 1e3:.0f} ms by the rule, {hand_s * 1e3:.0f} ms by hand")
    return median(rule / hand for rule, hand in pairs)


def _seconds(count: Callable[[], int]) -> float:
    began = perf_counter()
    count()
    return perf_counter() - began


def _us_an_event(segments: int) -> float:
    """From an event that is decided on until nobody need be asked again because of it. Nobody is moved by it."""
    with rolled_back():
        event_type, other = (EventType.objects.create(name=name) for name in (BOUGHT, "BenchBrowsed"))
        for n in range(segments):
            counted = event_type if n < CHANGEABLE else other
            rule = {"did": counted.name, "at_least": 100 + n, "within": {"days": 30}}
            revise(Segment.objects.create(key=f"bench-{n}", name=f"Bench {n}", rule=rule))
        Segment.objects.update(fill_after=None)
        contacts = list(Contact.objects.order_by("pk").values_list("pk", flat=True)[:200])
        events = some_events(event_type, contacts, {})
        _ask(events[0])
        began = perf_counter()
        for event in events[1:]:
            _ask(event)
        return (perf_counter() - began) / (len(events) - 1) * 1e6


def _ask(event: Event) -> None:
    mark([event])
    if keep_segments() != CHANGEABLE:
        raise AssertionError("An event asks other segments than those that count it.")


@contextmanager
def _crowd() -> Iterator[EventType]:
    """Contacts, and what they bought."""
    event_type = EventType.objects.create(name=BOUGHT)
    with _unnoticed() as cursor:
        cursor.execute(_CONTACTS, [CONTACTS])
        cursor.execute(_EVENTS, {"type": event_type.pk, "events": EVENTS, "at": timezone.now()})
    yield event_type
    with _unnoticed() as cursor:
        cursor.execute("DELETE FROM automation_event WHERE event_type_id = %s", [event_type.pk])
        cursor.execute("DELETE FROM automation_contact WHERE external_id LIKE 'throng-%%'", [])
    event_type.delete()


@contextmanager
def _unnoticed() -> Iterator[CursorWrapper]:
    """Without triggers: the demo's segment does not ask a million, and no foreign key is looked at: none is broken."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor


_CONTACTS = """
INSERT INTO automation_contact (external_id, email, attributes, time_zone, language, region, created_at, updated_at)
SELECT 'throng-' || n, 'person' || n || '@d' || n %% 10 || '.example.com',
    jsonb_build_object('name', 'Ana ' || n, 'plan', (ARRAY['free', 'pro', 'team'])[1 + n %% 3], 'orders', n %% 7),
    'Europe/Lisbon', 'en', 'EU', now(), now()
FROM generate_series(1, %s) AS n
"""
_EVENTS = """
INSERT INTO automation_event (
    id, event_type_id, contact_id, occurred_at, payload, metadata, content_hash, received_at, status, due_at, attempts,
    failure, decisions
)
SELECT gen_random_uuid(), %(type)s, contact.id, %(at)s - n * interval '1 year' / %(events)s,
    jsonb_build_object('total', n %% 100), '{}', '', %(at)s, 'decided', %(at)s, 0, '', '[]'
FROM generate_series(0, %(events)s - 1) AS n
JOIN automation_contact AS contact ON contact.external_id = 'throng-' || 1 + 2 * ((n::bigint * 7919) %% 400000)
"""
