"""What ESPs told us, raw: to be read, and tried again where it could not be understood."""

import json
from contextlib import suppress

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from automation.admin.personal import PersonalAdmin
from automation.admin.replayable import ReplayableAdmin
from automation.admin.tables import SHOWN, Table, label, link, link_to, when
from webhooks.models import InboxEvent

Status = InboxEvent.Status

STATUS_COLOURS: dict[str, str] = {Status.NEW: "info", Status.DIGESTED: "success", Status.SET_ASIDE: "danger"}
# More of a body is of no use to a reader, and slow to show.
MAX_SHOWN = 100_000


@admin.register(InboxEvent)
class InboxEventAdmin(PersonalAdmin, ReplayableAdmin):
    list_display = ["received", "account", "status_shown", "content_type", "attempts", "failure"]
    list_select_related = ["account"]
    list_filter = [("status", ChoicesDropdownFilter), ("account", RelatedDropdownFilter)]
    search_fields: list[str] = []  # A body says nothing that an index could find. Messages are found by the ESP's id.
    fieldsets = [
        (None, {"fields": ["account_link", "status_shown", "failure", "call", "received_at", "due"]}),
        ("As it came", {"fields": ["content_type", "headers", "body_shown"]}),
    ]
    only_if_set = ["failure"]
    personal = {"headers": None, "body_shown": None, "failure": "failure_in_short"}
    personal_columns = ["headers", "body", "failure"]
    claimed_as = Status.NEW
    pump = "webhooks.digest"

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboxEvent]:
        return super().get_queryset(request).defer("body")

    @admin.display(description="received", ordering="pk")
    def received(self, call: InboxEvent) -> object:
        return when(call.received_at)

    @admin.display(description="status")
    def status_shown(self, call: InboxEvent) -> SafeString:
        return label(call.status.replace("_", " "), STATUS_COLOURS[call.status])

    @admin.display(description="due")
    def due(self, call: InboxEvent) -> object:
        return when(call.due_at) if call.status == Status.NEW else "-"

    @admin.display(description="ESP account")
    def account_link(self, call: InboxEvent) -> object:
        return link(call.account)

    @admin.display(description="one event of")
    def call(self, part: InboxEvent) -> object:
        return link_to(InboxEvent, part.part_of_id, f"inbox event {part.part_of_id}") if part.part_of_id else "-"

    def tables(self, request: HttpRequest, obj: InboxEvent) -> list[Table]:
        return [] if obj.part_of_id else [_parts(obj)]

    @admin.display(description="body")
    def body_shown(self, call: InboxEvent) -> SafeString:
        return format_html('<pre class="body">{}</pre>', _readable(bytes(call.body)))


def _parts(call: InboxEvent) -> Table:
    parts = InboxEvent.objects.filter(part_of=call).order_by("pk").defer("body")[:SHOWN]
    return Table(
        "Events of it that were set aside",
        ["Event", "Status", "What is wrong"],
        [
            [link(part), label(part.status.replace("_", " "), STATUS_COLOURS[part.status]), part.failure]
            for part in parts
        ],
        empty="None: the others took effect.",
    )


def _readable(body: bytes) -> str:
    text = body.decode(errors="replace")
    with suppress(ValueError, RecursionError):  # A form, or cut short: as it came.
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return text[:MAX_SHOWN]
