"""Publish: from the draft that a marketer edits to the version that runs."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from automation.flows.draft import version_of
from automation.flows.models import Flow, FlowVersion
from automation.flows.validate import Fault, validate

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class FlowInvalid(Exception):
    """The draft cannot be published; `faults` says why, in a marketer's words."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults


@transaction.atomic
def publish(*, flow: Flow, by: "AbstractBaseUser | None" = None) -> FlowVersion:
    """Make the draft the version that contacts enter from now on. Those in mid-flow keep the version they walk.

    Raises FlowInvalid and changes nothing if the draft has faults. A draft that says what the live version says
    makes no new version. Either way the flow is live afterwards, unless it is paused: whoever paused it is to resume
    it, since that lets mails go out. Of one that was archived, the brakes do not heed what was before.
    """
    # The live version is read after the lock: joined, it would be the one from before whoever held the lock.
    flow = Flow.objects.select_for_update(no_key=True).get(pk=flow.pk)
    graph, faults = validate(flow)
    if faults:
        raise FlowInvalid(faults)
    draft, version = version_of(flow, graph), flow.live_version
    if version is None or version.content_hash != draft.content_hash:
        version = draft
        version.number, version.published_by_id = _next_number(flow), by.pk if by else None
        version.save()
    at = timezone.now()
    status = flow.status if flow.status == Flow.Status.PAUSED else Flow.Status.LIVE
    brakes_from = at if flow.status == Flow.Status.ARCHIVED else flow.brakes_from
    Flow.objects.filter(pk=flow.pk).update(live_version=version, status=status, brakes_from=brakes_from, updated_at=at)
    return version


def _next_number(flow: Flow) -> int:
    """Numbers count up from 1. The flow's lock keeps two publishers from taking the same one."""
    return (FlowVersion.objects.filter(flow=flow).values_list("number", flat=True).first() or 0) + 1
