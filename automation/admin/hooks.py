"""Calls to other services: whether they were taken, and those that somebody has to look at."""

from django.contrib import admin
from django.db.models import Q
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from automation.admin.logs import contacts_named, uuid_of
from automation.admin.personal import PersonalAdmin
from automation.admin.replayable import ReplayableAdmin
from automation.admin.tables import label, link, when
from automation.hooks.models import HookCall
from automation.hooks.write import TASK

Status = HookCall.Status

STATUS_COLOURS: dict[str, str] = {Status.QUEUED: "info", Status.TAKEN: "success", Status.SET_ASIDE: "danger"}


@admin.register(HookCall)
class HookCallAdmin(PersonalAdmin, ReplayableAdmin):
    list_display = ["asked_for", "flow", "step_key", "contact", "status_shown", "attempts", "answered", "due"]
    list_select_related = ["flow", "contact"]
    list_filter = [("status", ChoicesDropdownFilter), ("flow", RelatedDropdownFilter)]
    search_help_text = "A call's id, or a contact's id or whole email address."
    fieldsets = [
        (None, {"fields": ["status_shown", "failure", "answered", "attempts", "due", "created_at"]}),
        ("What it is about", {"fields": ["contact_link", "flow_link", "enrollment_link", "step_key"]}),
        ("What is sent", {"fields": ["url", "secret_env", "webhook_id", "body"]}),
    ]
    only_if_set = ["failure", "answered"]
    personal = {"body": None, "failure": "failure_in_short"}  # The other service may repeat what it was told.
    personal_columns = ["body", "failure"]
    claimed_as = Status.QUEUED
    pump = TASK

    def matching(self, term: str) -> Q:
        return Q(pk=uuid_of(term)) | Q(contact__in=contacts_named(term))

    @admin.display(description="asked for", ordering="pk")
    def asked_for(self, call: HookCall) -> object:
        return when(call.created_at)

    @admin.display(description="status")
    def status_shown(self, call: HookCall) -> SafeString:
        return label(call.status.replace("_", " "), STATUS_COLOURS.get(call.status, ""))

    @admin.display(description="due")
    def due(self, call: HookCall) -> object:
        return when(call.due_at) if call.status == Status.QUEUED else "-"

    @admin.display(description="contact")
    def contact_link(self, call: HookCall) -> object:
        return link(call.contact)

    @admin.display(description="flow")
    def flow_link(self, call: HookCall) -> object:
        return link(call.flow)

    @admin.display(description="enrollment")
    def enrollment_link(self, call: HookCall) -> object:
        return link(call.enrollment)
