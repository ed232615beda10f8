"""Fields and values that contacts and payloads have had, from a bounded sample of the latest."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from automation.contacts.models import Contact
from automation.core.json import Json
from automation.core.rules.operators import BOOLEAN, DATE, LIST, NUMBER, TEXT
from automation.core.rules.values import instant
from automation.events.models import Event, EventType

# Rows that are read: enough to meet what is common, and no more to do when there are a hundred million.
CONTACTS: Final = 500
EVENTS: Final = 2_000
# Whose events these are: events have no index by time of their own, but one by contact and type.
CONTACTS_OF_EVENTS: Final = 2_000
MAX_DEPTH: Final = 3
MAX_VALUES: Final = 20
MAX_LENGTH: Final = 60
# What only one has may say who that is.
SEEN_BY: Final = 2

_COLUMNS: Final = ("language", "region", "time_zone")


@dataclass(slots=True)
class Seen:
    kinds: set[str] = field(default_factory=set)
    values: Counter[str | float] = field(default_factory=Counter)

    @property
    def kind(self) -> str:
        """Empty: it has been of more than one."""
        return next(iter(self.kinds)) if len(self.kinds) == 1 else ""

    @property
    def common(self) -> list[str | float]:
        return [value for value, count in self.values.most_common(MAX_VALUES) if count >= SEEN_BY]


def of_contacts() -> dict[str, Seen]:
    """By field, such as contact.attributes.plan. One statement."""
    latest = Contact.objects.order_by("-pk").values("attributes", *_COLUMNS)[:CONTACTS]
    return _gather(latest, "contact", hidden=())


def of_events(event_type: EventType) -> dict[str, Seen]:
    """By field, such as event.payload.total; of personal data, only the kind. One statement."""
    latest = Contact.objects.order_by("-pk").values("pk")[:CONTACTS_OF_EVENTS]
    payloads = Event.objects.filter(contact__in=latest, event_type=event_type).values("payload")[:EVENTS]
    return _gather(payloads, "event", hidden={f"event.payload.{path}" for path in event_type.pii_paths})


def _gather(rows: Iterable[Mapping[str, Json]], root: str, *, hidden: Collection[str]) -> dict[str, Seen]:
    found: dict[str, Seen] = defaultdict(Seen)
    for row in rows:
        for path, value in _leaves(row, root):
            found[path].kinds.add(_kind(value))
            if _may_be_shown(value) and not any(f"{path}.".startswith(f"{one}.") for one in hidden):
                found[path].values[value] += 1
    return found


def _leaves(row: Mapping[str, Json], path: str, depth: int = 0) -> Iterator[tuple[str, Json]]:
    for name, value in row.items():
        if isinstance(value, dict):
            if depth < MAX_DEPTH:
                yield from _leaves(value, f"{path}.{name}", depth + 1)
        elif value not in (None, "") and "." not in name:
            yield f"{path}.{name}", value


def _kind(value: Json) -> str:
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int | float):
        return NUMBER
    if isinstance(value, list):
        return LIST
    return DATE if instant(value) else TEXT


def _may_be_shown(value: Json) -> bool:
    """Short, and no address."""
    if isinstance(value, str):
        return len(value) <= MAX_LENGTH and "@" not in value
    return isinstance(value, int | float) and not isinstance(value, bool)
