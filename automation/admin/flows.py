"""Flows: drafts that marketers edit, and the buttons that make them live, hold them or put them away."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action
from unfold.enums import ActionVariant

from automation.admin import flow_calendar, flow_endings, flow_publishing, flow_trigger, rates
from automation.admin.accounts import BRAKES, PauseForm
from automation.admin.ask_why import AsksWhyOfFlow
from automation.admin.base import asking
from automation.admin.fields import DurationField
from automation.admin.flow_steps import StepInline, name_rows
from automation.admin.json_field import RuleField
from automation.admin.lift_table import lift_table
from automation.admin.occurrences import schedule_tables
from automation.admin.simulate import SimulatingAdmin
from automation.admin.tables import SHOWN, Table, label, link_to, when
from automation.core.lanes import Lane
from automation.enrollments.in_flight import in_flight
from automation.flows.draft import look_at
from automation.flows.models import Flow, FlowVersion
from automation.flows.pause import archive, pause, resume

Status = Flow.Status

STATUS_COLOURS: dict[str, str] = {
    Status.DRAFT: "",
    Status.LIVE: "success",
    Status.PAUSED: "warning",
    Status.ARCHIVED: "",
}


class FlowForm(flow_trigger.TriggerForm, flow_calendar.CalendarFields, flow_endings.EndingFields):
    entry_rule = RuleField(label="Only if", help_text=format_html("Empty: everybody. {}", RuleField.HELP))
    max_event_age = DurationField(
        label="Only if not older than",
        help_text="An event that is older when it arrives enters nobody, nor does a schedule that comes so late."
        " Empty: no limit.",
    )
    re_entry_after = DurationField(label="How long after", help_text="Counts from when the contact entered.")

    class Meta:
        model = Flow
        fields = [
            *("name", "key", "description"),
            *flow_trigger.FIELDS,
            *("entry_rule", "max_event_age", "re_entry", "re_entry_after", "re_entry_path"),
            *("sender", "lane", "topic", "uncertain_policy"),
            *flow_endings.FIELDS,
            *flow_calendar.HOURS,
            *flow_calendar.SHARES,
            *BRAKES,
        ]
        labels = {
            **flow_trigger.LABELS,
            **flow_calendar.LABELS,
            **flow_endings.LABELS,
            "re_entry": "Enter again?",
            "re_entry_path": "Field that tells runs apart",
            "uncertain_policy": "If nobody knows whether it was sent",
            "key": "Short name",
            "max_error_percent": "Errors, in percent",
            "max_bounce_percent": "Hard bounces, in percent",
            "max_block_percent": "Blocks, in percent",
            "max_complaint_percent": "Complaints, in percent",
        }
        help_texts = {
            **flow_trigger.HELP_TEXTS,
            **flow_calendar.HELP_TEXTS,
            **flow_endings.HELP_TEXTS,
            "key": "Files and reports call the flow by it. It stays as it is.",
            **dict.fromkeys(BRAKES, "Of its mail of the last day. More, and the flow is paused. Empty: no limit."),
        }


@admin.register(Flow)
class FlowAdmin(AsksWhyOfFlow, SimulatingAdmin):
    form = FlowForm
    inlines = [StepInline]
    list_display = ["name", "status_shown", "enters_on", "lane_shown", "topic", "live", "updated_at"]
    list_filter = [("status", ChoicesDropdownFilter), ("trigger", RelatedDropdownFilter)]
    search_fields = ["name", "key", "description"]
    prepopulated_fields = {"key": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "key", "description"]}),
        (
            "Who enters",
            {
                "fields": [
                    *flow_trigger.FIELDS,
                    "entry_rule",
                    "max_event_age",
                    "re_entry",
                    "re_entry_after",
                    "re_entry_path",
                ]
            },
        ),
        ("How it is sent", {"fields": ["sender", "lane", "topic", "uncertain_policy"]}),
        flow_endings.FIELDSET,
        *flow_calendar.FIELDSETS,
        ("Brakes", {"fields": BRAKES, "description": "They count at once, without publishing."}),
    ]
    change_form_before_template = "admin/automation/flow/state.html"
    actions_detail = ["simulate", "ask_why", "pause", "resume", "archive"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Flow]:
        flows = super().get_queryset(request).select_related("trigger", "topic", "live_version")
        return flows.defer("live_version__definition", "trigger__schema")

    def get_readonly_fields(self, request: HttpRequest, obj: Flow | None = None) -> list[str]:
        return ["key"] if obj else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Flow | None = None) -> dict[str, list[str]]:
        return {} if obj else {"key": ["name"]}

    def has_delete_permission(self, request: HttpRequest, obj: Flow | None = None) -> bool:
        """What has ever run explains mails that went out, so it is archived instead."""
        never_ran = obj is None or obj.live_version_id is None
        return never_ran and super().has_delete_permission(request, obj)

    def offered(self, obj: Flow) -> Collection[str]:
        moves = {
            Status.LIVE: ["pause", "archive"],
            Status.PAUSED: ["resume", "archive"],
            Status.DRAFT: ["archive"],
            Status.ARCHIVED: [],
        }
        return ["simulate", "ask_why", *moves[Status(obj.status)]]

    def tables(self, request: HttpRequest, obj: Flow) -> list[Table]:
        return [
            *schedule_tables(obj),
            _people(obj),
            *lift_table(obj, timezone.now()),
            rates.of_flow(obj),
            _versions(obj),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Flow | None = None, **kwargs: Any
    ) -> HttpResponse:
        """Says how the draft stands, as it is stored: what a refused form holds may not even be a flow."""
        if obj:
            stored = Flow.objects.select_related("trigger", "live_version__published_by").get(pk=obj.pk)
            draft = look_at(stored)
            context |= {"draft": draft, "flow": stored, "status": status_label(stored)}
            name_rows(context["inline_admin_formsets"], draft)
        context["show_save_and_add_another"] = False
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def response_change(self, request: HttpRequest, obj: Flow) -> HttpResponse:
        """By now the form and its steps are saved."""
        if "_publish" in request.POST:
            return flow_publishing.begin(self, request, obj)
        return super().response_change(request, obj)

    def get_urls(self) -> list[URLPattern]:
        """The page that asks back before publishing."""
        show = self.admin_site.admin_view(partial(flow_publishing.page, self))
        publishing = path("<path:object_id>/publish/", show, name="automation_flow_publish")
        return [publishing, *super().get_urls()]

    @action(
        description="Pause",
        icon="pause",
        permissions=["change"],
        variant=ActionVariant.WARNING,
        dialog={
            **asking(
                "Pause this flow?",
                "Nobody enters, nobody moves on and nothing is sent until you resume it. What happens meanwhile is"
                " missed: those who would have entered do not.",
                "Pause",
            ),
            "form_class": PauseForm,
        },
    )
    def pause(self, request: HttpRequest, form: PauseForm, object_id: str) -> HttpResponseBase:
        reason, by = form.cleaned_data["reason"], request.user.get_username()
        move = partial(pause, reason=reason, by=by)
        return self._move(request, object_id, move, f"Paused: {reason}", "It is not live, so it cannot be paused.")

    @action(
        description="Resume",
        icon="play_arrow",
        permissions=["change"],
        variant=ActionVariant.PRIMARY,
        dialog=asking("Resume this flow?", "Those who wait in it move on, and what was held is sent.", "Resume"),
    )
    def resume(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponseBase:
        return self._move(request, object_id, resume, "Live again.", "It is not paused, so it cannot be resumed.")

    @action(
        description="Archive",
        icon="archive",
        permissions=["change"],
        dialog=asking(
            "Archive this flow?",
            "Nobody enters any more, and whatever it has not sent yet is withheld. Publishing it brings it back.",
            "Archive",
        ),
    )
    def archive(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponseBase:
        return self._move(request, object_id, archive, "Archived.", "It is archived already.")

    def _move(
        self, request: HttpRequest, object_id: str, move: Callable[..., bool], done: str, refused: str
    ) -> HttpResponseBase:
        flow = self.find(request, object_id)
        if move(flow=flow):
            self.log_change(request, flow, done)
            self.message_user(request, done, messages.SUCCESS)
        else:
            self.message_user(request, refused, messages.WARNING)
        return self.back_to(request, flow)

    @admin.display(description="status", ordering="status")
    def status_shown(self, flow: Flow) -> SafeString:
        return format_html("{} {}", status_label(flow), flow.paused_by)

    @admin.display(description="trigger")
    def enters_on(self, flow: Flow) -> str:
        return flow_trigger.words(flow)

    @admin.display(description="lane", ordering="lane")
    def lane_shown(self, flow: Flow) -> str:
        return Lane(flow.lane).value

    @admin.display(description="live version")
    def live(self, flow: Flow) -> str:
        return f"v{flow.live_version.number}" if flow.live_version else "-"


def status_label(flow: Flow) -> SafeString:
    return label(flow.status, STATUS_COLOURS[flow.status])


def _people(flow: Flow) -> Table:
    return Table(
        "In it now",
        ["Waiting for step", "Version", "People"],
        [[one.step_key, f"v{one.number}", f"{one.people:,}"] for one in in_flight(flow)],
        empty="Nobody.",
    )


def _versions(flow: Flow) -> Table:
    versions = flow.versions.select_related("published_by").defer("definition")
    return Table(
        "Published versions",
        ["Version", "Published", "By", ""],
        [
            [
                link_to(FlowVersion, version.pk, f"v{version.number}"),
                when(version.published_at),
                version.published_by or "-",
                label("live", "success") if version.pk == flow.live_version_id else "",
            ]
            for version in versions[:SHOWN]
        ],
        empty="None yet.",
    )
