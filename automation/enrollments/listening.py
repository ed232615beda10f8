"""Which flows listen to an event. Its cost follows the flows that may let its contact in, not all that there are."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from django.db import DEFAULT_DB_ALIAS, connection

from automation.core.paths import look_up
from automation.delivery.models import SenderIdentity
from automation.enrollments.necessary import necessary
from automation.events.models import Event
from automation.flows.models import FlowVersion

# So few are asked one by one, and every answer is kept with the event: nothing is gained by passing anybody over.
FEW: Final = 8

# As text, since having Django compile it costs more than to run it. What the objects below are made of, and no more.
_LIVE = """
SELECT version.id, version.flow_id, version.number, version.trigger_kind, version.trigger_id, version.trigger_key,
       version.lane, version.topic_id, version.sender_id, version.send_when::text,
       sender.key, sender.email, sender.account_id,
       CASE WHEN version.lane <> 'transactional' THEN (
           SELECT holdout_percent FROM automation_houserules WHERE holdout_since IS NULL OR holdout_since <= now()
       ) END,
       (SELECT time_zone FROM automation_houserules),
       resting.ids
FROM (
    SELECT array_agg(id) AS ids FROM automation_enrollment
    WHERE status = 'active' AND awaits IS NOT NULL
      AND awaits && %s::bigint[] AND contact_id = ANY(%s::bigint[])
) AS resting
LEFT JOIN (
    automation_flow AS flow
    JOIN automation_flowversion AS version ON version.id = flow.live_version_id
    JOIN automation_senderidentity AS sender ON sender.id = version.sender_id
) ON flow.status = 'live' AND version.trigger_id = ANY(%s::bigint[])
ORDER BY flow.id
"""
_VERSION = (
    *("id", "flow_id", "number", "trigger_kind", "trigger_id", "trigger_key"),
    *("lane", "topic_id", "sender_id", "send_when"),
)
_TRIGGER = _VERSION.index("trigger_id")
Row = tuple[Any, ...]


class Heard(NamedTuple):
    versions: Sequence[FlowVersion]  # To be asked, in the order of their flows.
    passed_over: UUID | None  # The key of all that listened, if others among them cannot let anybody in.


class Listeners:
    """The live versions that listen to one type of event, and what each of them needs of an event.

    A version that needs `event.payload.category` to be “books” is looked up by that value. It never changes, and
    neither does the event, so that why it was passed over can be told at any time (passed_over.py).
    """

    def __init__(self, versions: Sequence[FlowVersion]) -> None:
        self.versions = versions
        ids = ",".join(str(version.pk) for version in versions)
        self.key = UUID(bytes=hashlib.sha256(ids.encode()).digest()[:16])
        self._anyway: list[int] = []
        self._wanting: dict[tuple[str, str], dict[Hashable, list[int]]] = defaultdict(lambda: defaultdict(list))
        for place, version in enumerate(versions):
            self._enlist(place, version)

    def _enlist(self, place: int, version: FlowVersion) -> None:
        needed = necessary(version, also_by_rule=len(self.versions) > FEW)
        if needed is None:
            self._anyway.append(place)
            return
        for value in needed.values:
            self._wanting[needed.root, needed.path][value].append(place)

    def hear(self, event: Event) -> Heard:
        if not self._wanting:
            return Heard(self.versions, None)
        places = list(self._anyway)
        for (root, path), by_value in self._wanting.items():
            value = look_up(getattr(event, root), path)
            if isinstance(value, str | int | float):
                places += by_value.get(value, ())
        passed_over = self.key if len(places) < len(self.versions) else None
        return Heard([self.versions[place] for place in sorted(places)], passed_over)


NOBODY: Final = Listeners(())


class Listening(NamedTuple):
    listeners: Mapping[int, Listeners]  # By event type.
    resting: Sequence[UUID]  # Enrollments of these contacts that wait for such events.


def listening(events: Collection[Event]) -> Listening:
    """Who may be interested: the versions that contacts may enter now, with their senders, and whoever waits in one.

    One statement, to be made when the contacts have been locked: until then somebody may begin to wait.
    Each version knows the house rules' zone (`house_zone`; None: there are no such rules), and what share of its
    contacts they hold out of everything (`held_out_of_all`; None: nobody). Their definitions are left for
    `definition.of_version`, which has most of them at hand.
    """
    event_types = list({event.event_type_id for event in events})
    found: dict[int, list[Row]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_LIVE, [event_types, [event.contact_id for event in events], event_types])
        rows = cursor.fetchall()
    resting = rows[0][-1]  # The same in each row; there is one even if no flow listens.
    for row in rows:
        if row[0]:
            found[row[_TRIGGER]].append(row[:-1])
    return Listening({event_type: _listeners(tuple(rows)) for event_type, rows in found.items()}, resting or ())


# While nobody publishes, pauses or edits a sender, all that is made of the rows stays as it is.
@lru_cache(maxsize=256)
def _listeners(rows: tuple[Row, ...]) -> Listeners:
    return Listeners([_version(row) for row in rows])


def _version(row: Row) -> FlowVersion:
    *columns, send_when, key, email, account_id, held_out_of_all, house_zone = row
    send_when = msgspec.json.decode(send_when) if send_when else None
    version = FlowVersion.from_db(DEFAULT_DB_ALIAS, _VERSION, [*columns, send_when])
    sender = [version.sender_id, key, email, account_id]
    version.sender = SenderIdentity.from_db(DEFAULT_DB_ALIAS, ["id", "key", "email", "account_id"], sender)
    version.held_out_of_all = held_out_of_all  # type: ignore[attr-defined]  # For `react` alone.
    version.house_zone = house_zone  # type: ignore[attr-defined]  # As above.
    return version
