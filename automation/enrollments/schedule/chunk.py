"""A chunk: enter the contacts of one stretch of ids, in one statement, whatever their number."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
from django.db import connection
from django.db.models import F

from automation.enrollments.arms import arm_sql
from automation.enrollments.occurrences import Occurrence
from automation.enrollments.schedule.audience import audience, entry_key, is_the_day
from automation.enrollments.schedule.moments import Moment, moments
from automation.flows.definition import Definition, of_version
from automation.flows.schedule import Schedule


class Chunk(NamedTuple):
    after: int  # Contacts with ids above this,
    until: int  # and up to this.
    not_before: datetime | None  # Whose turn came earlier than this do not enter: it is too late for them.
    fallback: str  # The zone that counts for contacts whose own is not known.
    held_out_of_all: float


class Entered(NamedTuple):
    entered: int
    held_out: int
    not_in_rollout: int
    not_again: int


def enter_chunk(occurrence: Occurrence, chunk: Chunk, *, at: datetime) -> Entered:
    """Write the enrollments, due when it is each contact's turn; and who is held out. In the caller's transaction.

    Who belongs to the audience is judged now. Contacts without an address, or that must not be mailed, enter like all
    others: their messages say why they were withheld.
    """
    version = occurrence.flow_version
    definition = of_version(version)
    schedule, wall = _schedule(definition), occurrence.wall
    turns = moments(schedule, wall, chunk.fallback)
    arm, arm_params = arm_sql("id", definition, held_out_of_all=chunk.held_out_of_all)
    contacts = audience(definition, version.trigger_key, wall, at=at, few=True)
    contacts = contacts.filter(pk__gt=chunk.after, pk__lte=chunk.until)
    found, found_params = contacts.values_list("id", "time_zone", F("told")).query.sql_with_params()
    day = is_the_day(schedule, wall)
    own = (version.flow_id, version.pk, entry_key(definition, occurrence.wall_time))
    with connection.cursor() as cursor:
        cursor.execute(
            _STATEMENT.format(found=found, arm=arm, is_the_day=day.sql),
            [
                *(_document(turns.by_zone), _document([turns.otherwise]), *found_params),
                *(*arm_params, *day.params, chunk.not_before, chunk.not_before),
                *(*own, occurrence.pk, definition.start, at, *own, at),
            ],
        )
        return Entered(*cursor.fetchone())


# The id is a UUIDv7 (RFC 9562), as core/ids.py makes them: PostgreSQL itself has them from 18 on.
_STATEMENT: Final = """
WITH zone AS (SELECT * FROM json_to_recordset(%s::json)
    AS zone (zone text, due_at timestamptz, day_from timestamptz, day_until timestamptz)
), otherwise AS (SELECT * FROM json_to_recordset(%s::json)
    AS zone (due_at timestamptz, day_from timestamptz, day_until timestamptz)
), found (id, time_zone, told) AS MATERIALIZED ({found}
), turn AS (
    SELECT id, told, coalesce(zone.due_at, otherwise.due_at) AS due_at,
           coalesce(zone.day_from, otherwise.day_from) AS day_from,
           coalesce(zone.day_until, otherwise.day_until) AS day_until
    FROM found CROSS JOIN otherwise LEFT JOIN zone ON zone.zone = found.time_zone
), placed AS MATERIALIZED (
    SELECT id, due_at, {arm} AS arm FROM turn
    WHERE {is_the_day} AND (%s::timestamptz IS NULL OR due_at >= %s::timestamptz)
), entered AS (
    INSERT INTO automation_enrollment (id, contact_id, flow_id, flow_version_id, entry_key, occurrence_id, status,
        step_key, visits, due_at, attempts, failure, entered_at)
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) PLACING
               substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
               FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid,
           id, %s, %s, %s, %s, 'active', %s, 0, due_at, 0, '', %s
    FROM placed WHERE arm = 'in' ORDER BY id
    ON CONFLICT (contact_id, flow_id, entry_key) DO NOTHING RETURNING 1
), held_out AS (
    INSERT INTO automation_holdout (contact_id, flow_id, flow_version_id, entry_key, scope, held_out_at)
    SELECT id, %s, %s, %s, CASE arm WHEN 'held_out' THEN 'flow' ELSE 'all' END, %s
    FROM placed WHERE arm IN ('held_out', 'held_out_of_all') ORDER BY id
    ON CONFLICT (contact_id, flow_id, entry_key) DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM entered), (SELECT count(*) FROM held_out),
       (SELECT count(*) FROM placed WHERE arm = 'not_in_rollout'),
       (SELECT count(*) FROM placed WHERE arm = 'in') - (SELECT count(*) FROM entered)
"""


def _schedule(definition: Definition) -> Schedule:
    assert definition.schedule is not None  # noqa: S101  # Only such versions have occurrences.
    return definition.schedule


def _document(turns: Sequence[Moment]) -> str:
    return msgspec.json.encode([turn._asdict() for turn in turns]).decode()
