"""The times that schedules come round: how far each has come, and the buttons that hold it."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action
from unfold.enums import ActionVariant

from automation.admin.base import asking
from automation.admin.replayable import ReplayableAdmin
from automation.admin.tables import SHOWN, Table, label, link, when
from automation.core.spans import span
from automation.enrollments.occurrences import TASK, Occurrence
from automation.enrollments.schedule.foresee import Outlook, foresee
from automation.enrollments.schedule.hold import pause, resume, stop
from automation.flows.models import Flow
from automation.flows.triggers import TriggerKind

Status = Occurrence.Status

STATUS_COLOURS: dict[str, str] = {
    Status.PLANNED: "info",
    Status.RUNNING: "primary",
    Status.PAUSED: "warning",
    Status.DONE: "success",
    Status.SKIPPED: "",
    Status.STOPPED: "",
    Status.SET_ASIDE: "danger",
}


@admin.register(Occurrence)
class OccurrenceAdmin(ReplayableAdmin):
    list_display = ["when_shown", "flow", "status_shown", "entered_shown", "progress", "began"]
    list_select_related = ["flow"]
    list_filter = [("status", ChoicesDropdownFilter), ("flow", RelatedDropdownFilter)]
    search_help_text = "The short name of a flow."
    fieldsets = [
        (None, {"fields": ["when_shown", "flow_link", "status_shown", "reason", "failure"]}),
        ("How far it has come", {"fields": ["progress", "estimate", "begins", "began_at", "ended_at"]}),
        ("Who entered", {"fields": ["entered_shown", "held_out", "not_in_rollout", "not_again"]}),
    ]
    only_if_set = ["reason", "failure", "began_at", "ended_at", "held_out", "not_in_rollout", "not_again"]
    claimed_as = Status.RUNNING
    pump = TASK
    actions_detail = ["try_again", "pause", "resume", "stop"]

    def matching(self, term: str) -> Q:
        return Q(flow__key=term)

    def offered(self, obj: Occurrence) -> Collection[str]:
        return {
            Status.PLANNED: ["stop"],
            Status.RUNNING: ["pause", "stop"],
            Status.PAUSED: ["resume", "stop"],
            Status.SET_ASIDE: ["try_again", "stop"],
        }.get(Status(obj.status), [])

    @action(
        description="Pause",
        icon="pause",
        permissions=["replay"],
        variant=ActionVariant.WARNING,
        dialog=asking(
            "Pause this time?",
            "Nobody more enters until you resume it. Whoever has entered goes on: pause the flow to hold their mail.",
            "Pause",
        ),
    )
    def pause(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponseBase:
        return self._move(request, object_id, partial(pause, by=request.user.get_username()), "Paused.")

    @action(
        description="Resume",
        icon="play_arrow",
        permissions=["replay"],
        variant=ActionVariant.PRIMARY,
        dialog=asking("Resume this time?", "It goes on exactly where it was held.", "Resume"),
    )
    def resume(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponseBase:
        return self._move(request, object_id, resume, "Resumed.")

    @action(
        description="Stop",
        icon="stop",
        permissions=["replay"],
        variant=ActionVariant.DANGER,
        dialog=asking(
            "Stop this time for good?",
            "Whoever has not entered does not, and it cannot be resumed. Whoever has entered goes on.",
            "Stop",
        ),
    )
    def stop(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponseBase:
        move = partial(stop, by=request.user.get_username(), at=timezone.now())
        return self._move(request, object_id, move, "Stopped.")

    def _move(self, request: HttpRequest, object_id: str, move: Callable[..., bool], done: str) -> HttpResponseBase:
        occurrence = self.find(request, object_id)
        if move(occurrence=occurrence):
            self.log_change(request, occurrence, done)
            self.message_user(request, done, messages.SUCCESS)
        else:
            self.message_user(request, "Nothing was changed: it has moved on meanwhile.", messages.WARNING)
        return self.back_to(request, occurrence)

    @admin.display(description="when", ordering="wall_time")
    def when_shown(self, occurrence: Occurrence) -> str:
        return str(occurrence)

    @admin.display(description="flow")
    def flow_link(self, occurrence: Occurrence) -> object:
        return format_html("{} (v{})", link(occurrence.flow), occurrence.flow_version.number)

    @admin.display(description="status")
    def status_shown(self, occurrence: Occurrence) -> SafeString:
        return status_label(occurrence)

    @admin.display(description="entered")
    def entered_shown(self, occurrence: Occurrence) -> str:
        return f"{occurrence.entered:,}"

    @admin.display(description="contacts looked at")
    def progress(self, occurrence: Occurrence) -> str:
        return progress(occurrence)

    @admin.display(description="finished")
    def estimate(self, occurrence: Occurrence) -> str:
        return estimate(occurrence, timezone.now())

    @admin.display(description="begins")
    def begins(self, occurrence: Occurrence) -> object:
        return when(occurrence.due_at) if occurrence.status == Status.PLANNED else "-"

    @admin.display(description="began")
    def began(self, occurrence: Occurrence) -> object:
        return when(occurrence.began_at)


def status_label(occurrence: Occurrence) -> SafeString:
    return label(occurrence.status.replace("_", " "), STATUS_COLOURS[occurrence.status])


def progress(occurrence: Occurrence) -> str:
    if not occurrence.contacts:
        return "-"
    share = 100 * occurrence.looked_at / occurrence.contacts
    return f"{occurrence.looked_at:,} of {occurrence.contacts:,} ({share:.0f} %)"


def estimate(occurrence: Occurrence, at: datetime) -> str:
    """By the pace of this sweep so far."""
    began, left = occurrence.sweep_began_at, occurrence.contacts - occurrence.looked_at
    if occurrence.status != Status.RUNNING or began is None or not occurrence.looked_at:
        return "-"
    return f"in about {span(max(timedelta(seconds=1), (at - began) / occurrence.looked_at * left))}"


def schedule_tables(flow: Flow) -> list[Table]:
    """For the page of a flow: whom its draft would enter, and the times that it came and will come round."""
    stored = Flow.objects.get(pk=flow.pk)  # What a refused form holds may not even be a schedule.
    outlook = foresee(stored, at=timezone.now())
    is_scheduled = stored.trigger_kind == TriggerKind.SCHEDULE or stored.occurrences.exists()
    return [*([_outlook(outlook)] if outlook else []), *([_times(stored)] if is_scheduled else [])]


def _outlook(outlook: Outlook) -> Table:
    count = "too many to count quickly" if outlook.contacts is None else f"{outlook.contacts:,}"
    rows = [[f"{outlook.wall:%Y-%m-%d %H:%M}", count]] if outlook.wall else []
    return Table(
        "As the draft stands",
        ["Next time", "Contacts who would enter, as they are now"],
        rows,
        empty="Its time has passed: published like this, it would enter nobody.",
        note="Who belongs to it is looked at when the time has come. Rollout and holdout come on top." if rows else "",
    )


def _times(flow: Flow) -> Table:
    rows = flow.occurrences.order_by("-wall_time")[:SHOWN]
    return Table(
        "Times",
        ["When", "Status", "Entered", "Contacts looked at", "Because"],
        [[link(row), status_label(row), f"{row.entered:,}", progress(row), row.reason or "-"] for row in rows],
        empty="None yet. The next one is planned within seconds of publishing.",
    )
