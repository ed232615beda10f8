"""The schedule pump: when a schedule has come round, enter its contacts, chunk by chunk.

What has been done and how far it has come are committed together, so that whoever dies, the next one goes on exactly
there. The unique constraint of enrollments stands behind that.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Max
from django.utils import timezone

from automation.contacts.models import Contact
from automation.core import pump
from automation.core.lanes import Lane
from automation.core.wake import wake
from automation.enrollments.occurrences import Occurrence
from automation.enrollments.schedule.chunk import Chunk, enter_chunk
from automation.enrollments.schedule.late import why_too_late
from automation.enrollments.schedule.plan import plan
from automation.flows.clock import zone_for
from automation.flows.definition import of_version
from automation.flows.house_rules import HouseRules
from automation.flows.schedule import Schedule

Status = Occurrence.Status

# Contacts looked at in one transaction. Larger is hardly cheaper, but takes longer to notice a pause.
CHUNK = 5_000
# Where each contact has its own clock and its own date, dates that become known in the course of the day count if they
# are known so long before their time.
SWEEP_AGAIN = timedelta(hours=1)


def enter_scheduled_contacts() -> int:
    """Plan what comes next, and enter one chunk of what is due. Returns how many contacts that may have been; else 0.

    Of any number of workers, each takes another occurrence.
    """
    plan()
    return CHUNK * pump.transact(_claim, lambda occurrences: _go_on(occurrences, at=timezone.now()))


def _claim() -> Sequence[Occurrence]:
    due = Occurrence.objects.due(timezone.now()).select_related("flow_version")
    return list(due.select_for_update(of=("self",), skip_locked=True, no_key=True)[:1])


def _go_on(occurrences: Sequence[Occurrence], *, at: datetime) -> None:
    for occurrence in occurrences:
        if occurrence.status == Status.PLANNED:
            _begin(occurrence, at)
        if occurrence.status == Status.RUNNING:
            _enter_next(occurrence, at)
        occurrence.attempts = 0
        occurrence.save()


def _begin(occurrence: Occurrence, at: datetime) -> None:
    if reason := why_too_late(of_version(occurrence.flow_version), occurrence.wall, at=at):
        occurrence.status, occurrence.reason = Status.SKIPPED, reason
        occurrence.ended_at, occurrence.due_at = at, None
    else:
        occurrence.status, occurrence.began_at = Status.RUNNING, at


def _enter_next(occurrence: Occurrence, at: datetime) -> None:
    """One chunk. The number of statements does not depend on its size."""
    if occurrence.sweep_began_at is None:
        _begin_sweep(occurrence, at)
    until, looked_at = _stretch(occurrence)
    house = HouseRules.objects.first() or HouseRules()
    counts = enter_chunk(occurrence, _chunk(occurrence, until, house), at=at)
    is_first_sweep = occurrence.last_sweep_at is None
    occurrence.cursor = until
    occurrence.looked_at += looked_at
    occurrence.entered += counts.entered
    occurrence.held_out += counts.held_out
    if is_first_sweep:  # Later ones meet the same people again.
        occurrence.not_in_rollout += counts.not_in_rollout
        occurrence.not_again += counts.not_again
    if counts.entered:
        wake("automation.advance")
    if until == occurrence.last_id:
        _end_sweep(occurrence, at)


def _begin_sweep(occurrence: Occurrence, at: datetime) -> None:
    known = Contact.objects.aggregate(count=Count("pk"), last_id=Max("pk"))
    occurrence.sweep_began_at = at
    occurrence.cursor, occurrence.last_id = 0, known["last_id"] or 0
    occurrence.contacts, occurrence.looked_at = known["count"], 0


def _stretch(occurrence: Occurrence) -> tuple[int, int]:
    """Up to which id the next chunk goes, and how many contacts that is."""
    ahead = Contact.objects.filter(pk__gt=occurrence.cursor, pk__lte=occurrence.last_id).order_by("pk")
    found = ahead.values("pk")[:CHUNK].aggregate(count=Count("pk"), until=Max("pk"))
    return (occurrence.last_id if found["count"] < CHUNK else found["until"]), found["count"]


def _chunk(occurrence: Occurrence, until: int, house: HouseRules) -> Chunk:
    version = occurrence.flow_version
    in_force = house.holdout_since is None or (occurrence.began_at and house.holdout_since <= occurrence.began_at)
    holds_out = version.lane != Lane.TRANSACTIONAL and in_force
    return Chunk(
        after=occurrence.cursor,
        until=until,
        not_before=_not_before(occurrence),
        fallback=zone_for("", (version.send_when or {}).get("zone", ""), house.time_zone).key,
        held_out_of_all=house.holdout_percent if holds_out else 0.0,
    )


def _not_before(occurrence: Occurrence) -> datetime | None:
    """Contacts whose own turn was earlier do not enter: before it was published, or longer ago than the flow allows."""
    definition = of_version(occurrence.flow_version)
    if _schedule(occurrence).zone or occurrence.began_at is None:
        return None  # Everybody's turn is the same, and it has been decided that it is not too late.
    bounds = [occurrence.flow_version.published_at, occurrence.last_sweep_at]
    if definition.max_event_age is not None:
        bounds.append(occurrence.began_at - definition.max_event_age)
    return max(bound for bound in bounds if bound)


def _end_sweep(occurrence: Occurrence, at: datetime) -> None:
    schedule = _schedule(occurrence)
    if schedule.timing.is_of_contact and not schedule.zone and at < schedule.ends(occurrence.wall):
        occurrence.last_sweep_at, occurrence.sweep_began_at = occurrence.sweep_began_at, None
        occurrence.due_at = at + SWEEP_AGAIN
    else:
        occurrence.status, occurrence.ended_at, occurrence.due_at = Status.DONE, at, None


def _schedule(occurrence: Occurrence) -> Schedule:
    schedule = of_version(occurrence.flow_version).schedule
    assert schedule is not None  # noqa: S101  # Only versions with one have occurrences.
    return schedule
