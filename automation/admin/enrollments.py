"""Enrollments: one contact's walk through a flow, step by step, and the mails it led to."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from automation.admin.logs import contacts_named, uuid_of
from automation.admin.message_status import status_label
from automation.admin.messages import LARGE
from automation.admin.personal import PersonalAdmin, seen_by
from automation.admin.replayable import ReplayableAdmin
from automation.admin.rule_view import rule_view
from automation.admin.tables import Table, label, link, when
from automation.core.json import JsonObject
from automation.delivery.models import Message
from automation.enrollments.migration_plan import MigrationPlan
from automation.enrollments.models import Enrollment

Status = Enrollment.Status

STATUS_COLOURS: dict[str, str] = {
    Status.ACTIVE: "info",
    Status.COMPLETED: "success",
    Status.GOAL_REACHED: "success",
    Status.SET_ASIDE: "danger",
}


def status_of(enrollment: Enrollment) -> SafeString:
    return label(enrollment.status.replace("_", " "), STATUS_COLOURS.get(enrollment.status, ""))


@admin.register(Enrollment)
class EnrollmentAdmin(PersonalAdmin, ReplayableAdmin):
    list_display = ["entered", "flow", "version", "contact", "status_shown", "next_step", "due"]
    list_select_related = ["flow", "flow_version", "contact"]
    list_filter = [("status", ChoicesDropdownFilter), ("flow", RelatedDropdownFilter)]
    search_help_text = "An enrollment id, or a contact's id or whole email address."
    fieldsets = [
        (None, {"fields": ["status_shown", "failure", "contact_link", "flow_link", "event_link", "awaited_link"]}),
        ("Where it is", {"fields": ["next_step", "due", "entered_at", "ended_at", "entry_key"]}),
    ]
    only_if_set = ["failure", "ended_at", "entry_key"]
    personal = {"failure": "failure_in_short", "entry_key": None}  # A key may be any value of an event.
    personal_columns = ["failure", "entry_key"]
    claimed_as = Status.ACTIVE
    pump = "automation.advance"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enrollment]:
        return super().get_queryset(request).defer("flow_version__definition", "contact__attributes")

    def matching(self, term: str) -> Q:
        return Q(pk=uuid_of(term)) | Q(contact__in=contacts_named(term))

    def tables(self, request: HttpRequest, obj: Enrollment) -> list[Table]:
        return [_steps(request, obj), _messages(obj)]

    @admin.display(description="entered", ordering="pk")
    def entered(self, enrollment: Enrollment) -> object:
        return when(enrollment.entered_at)

    @admin.display(description="version")
    def version(self, enrollment: Enrollment) -> str:
        return f"v{enrollment.flow_version.number}"

    @admin.display(description="status")
    def status_shown(self, enrollment: Enrollment) -> SafeString:
        return status_of(enrollment)

    @admin.display(description="next step")
    def next_step(self, enrollment: Enrollment) -> str:
        return enrollment.step_key or "-"

    @admin.display(description="due")
    def due(self, enrollment: Enrollment) -> object:
        return when(enrollment.goes_on_at) if enrollment.status == Status.ACTIVE else "-"

    @admin.display(description="contact")
    def contact_link(self, enrollment: Enrollment) -> object:
        return link(enrollment.contact)

    @admin.display(description="flow")
    def flow_link(self, enrollment: Enrollment) -> object:
        return format_html(
            "{} ({})", link(enrollment.flow), link(enrollment.flow_version, f"v{enrollment.flow_version.number}")
        )

    @admin.display(description="entered on")
    def event_link(self, enrollment: Enrollment) -> object:
        if enrollment.event:
            return link(enrollment.event, enrollment.event.event_type)
        return "a schedule" if enrollment.occurrence_id else "an event that is not kept any more"

    @admin.display(description="last waited for")
    def awaited_link(self, enrollment: Enrollment) -> object:
        return link(enrollment.awaited, enrollment.awaited.event_type) if enrollment.awaited else "-"


def _steps(request: HttpRequest, enrollment: Enrollment) -> Table:
    return Table(
        "Steps so far",
        ["#", "Step", "Kind", "What it did", "When", "Then"],
        [
            [
                run.visit,
                run.step_key,
                run.result.get("kind", "-"),
                _did(seen_by(request, run.result, None)),
                when(run.ran_at),
                run.result.get("next") or "the end",
            ]
            for run in enrollment.step_runs.order_by("visit")
        ],
        empty="None yet.",
    )


def _did(result: JsonObject) -> object:
    """What a step's result says. A kind that this page does not know shows nothing more than its name."""
    if "trace" in result:
        return rule_view(result["trace"])
    if "until" in result:
        return f"waited until {result['until'][:16].replace('T', ' ')} UTC"
    if "passed_over" in result:
        return "mailed nothing: had it already"
    if result.get("kind") in MigrationPlan.Action:
        return f"when v{result['version']} was published"
    return "-"


def _messages(enrollment: Enrollment) -> Table:
    rows = Message.objects.filter(dedupe_key__startswith=f"{enrollment.pk}:").order_by("pk").defer(*LARGE)
    return Table(
        "Messages",
        ["Made", "Step", "Template", "Status", "Sent"],
        [
            [
                link(row, when(row.created_at)),
                row.step_key,
                str(row.template_version),
                status_label(row),
                when(row.sent_at),
            ]
            for row in rows.select_related("template_version__template", "flow_version")
        ],
        empty="None yet.",
    )
