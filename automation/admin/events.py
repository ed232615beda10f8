"""Events: what happened, and what was decided on it for each flow, with the values seen."""

import json
from collections import Counter
from datetime import timedelta

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from automation.admin import words
from automation.admin.logs import contacts_named, uuid_of
from automation.admin.personal import PersonalAdmin, seen_by
from automation.admin.replayable import ReplayableAdmin
from automation.admin.rule_view import rule_view
from automation.admin.tables import SHOWN, Table, label, link, link_to, when
from automation.core import mask
from automation.core.json import JsonObject
from automation.core.spans import span
from automation.enrollments.enter import Verdict
from automation.enrollments.models import Enrollment
from automation.enrollments.passed_over import passed_over
from automation.events.models import Event
from automation.flows.models import Flow

Status = Event.Status

STATUS_COLOURS: dict[str, str] = {Status.NEW: "info", Status.DECIDED: "success", Status.SET_ASIDE: "danger"}


@admin.register(Event)
class EventAdmin(PersonalAdmin, ReplayableAdmin):
    list_display = ["received", "event_type", "contact", "status_shown", "outcome", "happened"]
    list_select_related = ["event_type", "contact"]
    list_filter = [("status", ChoicesDropdownFilter), ("event_type", RelatedDropdownFilter)]
    ordering = ["-received_at"]
    search_help_text = "An event id, or a contact's id or whole email address."
    fieldsets = [
        (
            None,
            {"fields": ["event_type_link", "contact_link", "status_shown", "failure", "occurred_at", "received_at"]},
        ),
        ("What we were told", {"fields": ["payload", "metadata"]}),
    ]
    only_if_set = ["failure"]
    personal = {"payload": "payload_masked", "metadata": None, "failure": "failure_in_short"}
    personal_columns = ["payload", "metadata", "failure", "decisions"]
    claimed_as = Status.NEW
    pump = "automation.react"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).defer("payload", "metadata", "event_type__schema", "contact__attributes")

    def matching(self, term: str) -> Q:
        return Q(pk=uuid_of(term)) | Q(contact__in=contacts_named(term))

    def tables(self, request: HttpRequest, obj: Event) -> list[Table]:
        return [_decisions(request, obj)]

    @admin.display(description="received", ordering="received_at")
    def received(self, event: Event) -> object:
        return when(event.received_at)

    @admin.display(description="happened")
    def happened(self, event: Event) -> object:
        return when(event.occurred_at)

    @admin.display(description="status")
    def status_shown(self, event: Event) -> SafeString:
        return label(event.status.replace("_", " "), STATUS_COLOURS[event.status])

    @admin.display(description="what came of it")
    def outcome(self, event: Event) -> str:
        if event.status != Status.DECIDED:
            return "-"
        if not event.decisions:
            return "no flow lets it in" if event.listeners_key else "no flow listens"
        verdicts = Counter(one["verdict"] == Verdict.ENTERED for one in event.decisions)
        return ", ".join(
            f"{verdicts[is_in]} {text}"
            for is_in, text in ((True, "entered"), (False, "not entered"))
            if verdicts[is_in]
        )

    @admin.display(description="event type")
    def event_type_link(self, event: Event) -> object:
        return link(event.event_type)

    @admin.display(description="payload")
    def payload_masked(self, event: Event) -> SafeString:
        masked = mask.at_paths(event.payload, event.event_type.pii_paths)
        return format_html("<pre>{}</pre>", json.dumps(masked, indent=2, ensure_ascii=False))

    @admin.display(description="contact")
    def contact_link(self, event: Event) -> object:
        return link(event.contact)


def _decisions(request: HttpRequest, event: Event) -> Table:
    others = passed_over(event)
    decisions = [*event.decisions, *others[:SHOWN]]
    flows = Flow.objects.in_bulk([one["flow"] for one in decisions])
    entered = dict(Enrollment.objects.filter(contact=event.contact_id, event=event.pk).values_list("flow_id", "pk"))
    return Table(
        "What was decided, flow by flow",
        ["Flow", "Version", "Decision", "Because of"],
        [
            [
                link(flows.get(one["flow"]), None),
                f"v{one['version']}",
                _decision(one, entered.get(one["flow"])),
                _because(seen_by(request, one["seen"] or {}, event.event_type.pii_paths)),
            ]
            for one in decisions
        ],
        empty="No live flow listened to this event." if event.status == Status.DECIDED else "Nothing yet.",
        note=f"{len(others) - SHOWN:,} more flows need something else of it." if len(others) > SHOWN else "",
    )


def _decision(decision: JsonObject, enrollment_id: object) -> object:
    text = words.VERDICTS.get(decision["verdict"], decision["verdict"])
    return link_to(Enrollment, enrollment_id, text) if enrollment_id else text


def _because(seen: JsonObject) -> object:
    """The values seen, in the shape that each verdict has (automation/enrollments/enter.py)."""
    if not seen:
        return "-"
    if "age_s" in seen:
        age, limit = timedelta(seconds=seen["age_s"]), timedelta(seconds=seen["limit_s"])
        return f"{span(age)} old, and the limit is {span(limit)}"
    if "again_at" in seen:
        return f"may enter again from {seen['again_at'][:16].replace('T', ' ')} UTC on"
    if "path" in seen:
        return f"{seen['path']} has no value"
    if "place" in seen:
        return f"drew {100 * seen['place']:.2f} of 100, and the share is {seen['percent']:g} %"
    return rule_view(seen)
