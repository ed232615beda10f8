"""React where 200 flows listen to one type of event and three let its contact in, beside three that all do."""

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter

from django.db import transaction
from django.utils import timezone

from automation.core import sql
from automation.core.ids import new_id
from automation.core.json import JsonObject
from automation.enrollments.react import BATCH, react
from automation.flows.models import Flow, Step
from automation.flows.publish import publish
from automation.models import Contact, Event, EventType
from benchmarks.ground import Ground
from benchmarks.run import Figures

FLOWS, MATCHING = 200, 3
BATCHES = 10
BOOK = {"category": "books", "total": 61.4}


def run(ground: Ground) -> Figures:
    """In this process and in transactions that are rolled back, so that no worker takes part. Taking turns."""
    few, many = [], []
    for n in range(1, ground.rounds + 1):
        few.append(_us_an_event(MATCHING))
        many.append(_us_an_event(FLOWS))
        ground.say(f"  react {n}: {few[-1]:.0f} µs an event with {MATCHING} flows, {many[-1]:.0f} with {FLOWS}")
    return {
        "react_200_vs_3": median(m / f for m, f in zip(many, few, strict=True)),
        "react_3_us": median(few),
        "react_200_us": median(many),
    }


def _us_an_event(flows: int) -> float:
    with rolled_back():
        event_type = EventType.objects.create(name="Browsed")
        _publish(flows, event_type)
        contacts = list(Contact.objects.order_by("pk").values_list("pk", flat=True)[: BATCH * (BATCHES + 1)])
        batches = [
            some_events(event_type, contacts[first : first + BATCH], BOOK) for first in range(0, len(contacts), BATCH)
        ]
        react(batches[0], at=timezone.now())  # Reads the definitions, once in a process.
        began = perf_counter()
        for batch in batches[1:]:
            react(batch, at=timezone.now())
        return (perf_counter() - began) / (BATCH * BATCHES) * 1e6


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _publish(flows: int, event_type: EventType) -> None:
    """The first three are about books; each of the others about a thing of its own."""
    cart = Flow.objects.get(key="abandoned-cart")
    for n in range(flows):
        category = "books" if n < MATCHING else f"category-{n}"
        rule = {"all": [{"field": "event.payload.category", "op": "eq", "value": category}]}
        parts = {"topic": cart.topic, "sender": cart.sender, "re_entry": "always", "entry_rule": rule}
        flow = Flow.objects.create(key=f"browsed-{n}", name=f"Browsed {n}", trigger=event_type, **parts)
        Step.objects.create(flow=flow, key="exit", kind="exit")
        publish(flow=flow)


def some_events(event_type: EventType, contacts: list[int], payload: JsonObject) -> list[Event]:
    """One of each contact, stored and not decided on yet."""
    rows = [
        {
            "id": new_id(),
            "event_type_id": event_type.pk,
            "contact_id": contact_id,
            "occurred_at": timezone.now(),
            "payload": payload,
            "metadata": {},
            "content_hash": "",
            "received_at": timezone.now(),
            "status": "new",
            "due_at": timezone.now(),
            "attempts": 0,
            "failure": "",
            "decisions": [],
        }
        for contact_id in contacts
    ]
    sql.insert(Event, rows)
    return list(Event.objects.filter(pk__in=[row["id"] for row in rows]))
