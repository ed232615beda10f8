"""Taking a flow out of service and back: pause, resume, archive. Going live is publishing (publish.py)."""

from django.db import transaction
from django.utils import timezone

from automation.core.lanes import Lane
from automation.core.wake import wake
from automation.flows.models import Flow

Status = Flow.Status

NOT_PAUSED = {"paused_reason": "", "paused_by": "", "paused_at": None}
# As the columns.
MAX_REASON = 200
MAX_BY = 150


@transaction.atomic
def pause(*, flow: Flow, reason: str, by: str) -> bool:
    """Hold a live flow: nobody enters, nobody moves on, nothing is sent. False if it was not live.

    `by` is a user's name, or says what did it. Idempotent; whoever comes first gives the reason.
    """
    return _move(
        flow,
        Status.PAUSED,
        {Status.LIVE},
        paused_reason=reason[:MAX_REASON],
        paused_by=by[:MAX_BY],
        paused_at=timezone.now(),
    )


@transaction.atomic
def resume(*, flow: Flow) -> bool:
    """Let a paused flow go on where it was held, whatever the brakes know of before. False if it was not paused."""
    resumed = _move(flow, Status.LIVE, {Status.PAUSED}, **NOT_PAUSED, brakes_from=timezone.now())
    if resumed:
        wake("automation.advance")
        for lane in Lane:
            wake(lane.pump)
    return resumed


@transaction.atomic
def archive(*, flow: Flow) -> bool:
    """Put a flow away: nobody enters, and what it has not sent yet is withheld. Publishing brings it back.

    False if it was archived already.
    """
    return _move(flow, Status.ARCHIVED, {Status.DRAFT, Status.LIVE, Status.PAUSED}, **NOT_PAUSED)


def _move(flow: Flow, to: Flow.Status, ways_in: set[Flow.Status], **fields: object) -> bool:
    """By conditional update: of two people who press at once, one is told that it had happened already."""
    fields |= {"status": to, "updated_at": timezone.now()}
    moved = Flow.objects.filter(pk=flow.pk, status__in=ways_in).update(**fields)
    return moved == 1
