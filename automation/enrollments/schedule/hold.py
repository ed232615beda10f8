"""Holding one time of a schedule: pause it, let it go on, or stop it. Pausing its flow holds its mail, too."""

from datetime import datetime

from django.db import transaction

from automation.core.wake import wake
from automation.enrollments.occurrences import TASK, Occurrence

Status = Occurrence.Status


def pause(*, occurrence: Occurrence, by: str) -> bool:
    """Nobody more enters from the next chunk on; whoever has entered goes on. False if it was not running."""
    return _move(occurrence, Status.PAUSED, {Status.RUNNING}, reason=f"Paused by {by}.")


@transaction.atomic
def resume(*, occurrence: Occurrence) -> bool:
    """Go on exactly where it was held. False if it was not paused."""
    resumed = _move(occurrence, Status.RUNNING, {Status.PAUSED}, reason="")
    wake(TASK)
    return resumed


def stop(*, occurrence: Occurrence, by: str, at: datetime) -> bool:
    """Nobody more enters, for good; one that is only planned does not take place. False if it was over already."""
    ways_in = {Status.PLANNED, Status.RUNNING, Status.PAUSED, Status.SET_ASIDE}
    return _move(occurrence, Status.STOPPED, ways_in, reason=f"Stopped by {by}.", due_at=None, ended_at=at)


def _move(occurrence: Occurrence, to: Occurrence.Status, ways_in: set[Occurrence.Status], **fields: object) -> bool:
    """By conditional update, which waits for the chunk under way: it is finished, and then this holds."""
    rows = Occurrence.objects.filter(pk=occurrence.pk, status__in=ways_in)
    return rows.update(status=to, **fields) == 1
