"""Messages: what became of each mail, and why."""

from collections.abc import Collection, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import F, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action

from automation.admin import words
from automation.admin.ask_why import AsksWhyOfMessage
from automation.admin.attempts import attempts_table
from automation.admin.dead_letters import DeadLetterAdmin, reasons
from automation.admin.engagements import engagements_table
from automation.admin.logs import contacts_named, uuid_of
from automation.admin.message_lists import AgeFilter, GraceFilter, WhyFilter, shows
from automation.admin.message_status import status_label
from automation.admin.personal import PersonalAdmin, sees_personal
from automation.admin.previews import preview
from automation.admin.tables import Table, link, link_to, when
from automation.admin.uncertain import UncertainAdmin
from automation.admin.warmup_state import why_held
from automation.core.lanes import Lane
from automation.delivery.models import Attempt, Message
from automation.enrollments.models import Enrollment

Status = Message.Status

ENGAGED = ["opened_at", "human_opened_at", "clicked_at", "human_clicked_at"]
TRIES = ["capped_at", "first_tried_at", "uncertain_at", "resent_at"]
STAMPS = [*TRIES, "sent_at", "delivered_at", *ENGAGED, "bounced_at", "complained_at"]
LARGE = [
    "values",
    "flow_version__definition",
    "template_version__content",
    "template_version__source",
    "template_version__variables",
]


@admin.register(Message)
class MessageAdmin(PersonalAdmin, DeadLetterAdmin, UncertainAdmin, AsksWhyOfMessage):
    list_display = [
        "made",
        "to_email",
        "template_version",
        "flow",
        "status_shown",
        "why",
        "lane_short",
        "account",
        "sent",
    ]
    list_select_related = ["template_version__template", "flow_version__flow", "account"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        WhyFilter,
        AgeFilter,
        GraceFilter,
        ("lane", ChoicesDropdownFilter),
        ("account", RelatedDropdownFilter),
        ("flow_version__flow", RelatedDropdownFilter),
    ]
    search_help_text = "A message id (ours or the ESP's), an enrollment id, a contact's id, or a whole email address."
    fieldsets = [
        (None, {"fields": ["status_in_full", "why_in_full", "what_settles_it", "due"]}),
        ("The mail", {"fields": ["to_email", "contact_link", "template_link", "flow_link"]}),
        ("Way to the ESP", {"fields": ["account_link", "sender_link", "lane", "topic", "attempts", "esp_message_id"]}),
        ("When", {"fields": ["created_at", *STAMPS]}),
        ("What it was made from", {"fields": ["language", "values", "dedupe_key"]}),
    ]
    only_if_set = STAMPS
    # ESPs' words may name the address.
    personal = {"to_email": None, "values": None, "why": "why_in_short", "why_in_full": "why_in_short"}
    personal_columns = ["to_email", "values", "reason"]
    list_before_template = "admin/automation/message/list_top.html"
    actions = ["send_selected_again", "they_arrived", "they_did_not_arrive"]
    actions_detail = ["see_the_mail", "ask_why", "send_again", "it_arrived", "it_did_not_arrive"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        rows = super().get_queryset(request).defer(*LARGE)
        rows = rows.annotate(uncertain_policy=F("flow_version__definition__uncertain_policy"))
        in_order = Prefetch("attempt_set", Attempt.objects.order_by("pk"))
        return rows.prefetch_related(in_order) if shows(request, Status.FAILED) else rows

    def get_list_display(self, request: HttpRequest) -> Sequence[str]:
        if shows(request, Status.FAILED):
            return self.shown(request, self.dead_letter_columns)
        return self.shown(request, self.uncertain_columns if shows(request, Status.UNCERTAIN) else self.list_display)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if shows(request, Status.FAILED) and "cl" in (getattr(response, "context_data", None) or {}):
            response.context_data["tables"] = [reasons(response.context_data["cl"].queryset)]
        return response

    def matching(self, term: str) -> Q:
        found = Q(contact__in=contacts_named(term)) | (Q(esp_message_id=term) & ~Q(esp_message_id=""))
        if key := uuid_of(term):
            found |= Q(pk=key) | Q(dedupe_key__startswith=f"{key}:")
        return found

    def offered(self, obj: Message) -> Collection[str]:
        more = {Status.FAILED: ["send_again"], Status.UNCERTAIN: ["it_arrived", "it_did_not_arrive"]}
        why = ["ask_why"] if obj.contact_id and obj.flow_version_id else []
        return ["see_the_mail", *why, *more.get(Status(obj.status), [])]

    def tables(self, request: HttpRequest, obj: Message) -> list[Table]:
        in_full = sees_personal(request)
        return [attempts_table(obj, in_full=in_full), engagements_table(obj, in_full=in_full)]

    @action(description="See the mail", icon="visibility", url_path="mail", permissions=["personal"])
    def see_the_mail(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        message = self.find(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": message,
            "title": "The mail",
            "preview": preview(message),
        }
        return TemplateResponse(request, "admin/automation/message/mail.html", context)

    @admin.display(description="made", ordering="pk")
    def made(self, message: Message) -> object:
        return when(message.created_at)

    @admin.display(description="sent")
    def sent(self, message: Message) -> object:
        return when(message.sent_at)

    @admin.display(description="due")
    def due(self, message: Message) -> object:
        return when(message.due_at) if message.status == Status.QUEUED else "-"

    @admin.display(description="status")
    def status_shown(self, message: Message) -> SafeString:
        return status_label(message)

    @admin.display(description="status")
    def status_in_full(self, message: Message) -> SafeString:
        return status_label(message, message.get_status_display())

    @admin.display(description="why")
    def why(self, message: Message) -> str:
        return words.reason(message.reason) or "-"

    @admin.display(description="why")
    def why_in_short(self, message: Message) -> str:
        return words.reason(message.reason_code) or "-"

    @admin.display(description="why")
    def why_in_full(self, message: Message) -> str:
        return why_held(message, timezone.now()) if message.status == Status.HELD else self.why(message)

    @admin.display(description="flow")
    def flow(self, message: Message) -> object:
        return message.flow_version.flow if message.flow_version else "-"

    @admin.display(description="lane")
    def lane_short(self, message: Message) -> str:
        return Lane(message.lane).value

    @admin.display(description="contact")
    def contact_link(self, message: Message) -> object:
        return link(message.contact)

    @admin.display(description="template")
    def template_link(self, message: Message) -> object:
        return link(message.template_version.template, message.template_version)

    @admin.display(description="flow")
    def flow_link(self, message: Message) -> object:
        if not message.flow_version:
            return "-"
        where = link(message.flow_version, message.flow_version)
        if not message.enrollment_id:
            return where
        return format_html(
            "{}, step “{}” ({})", where, message.step_key, link_to(Enrollment, message.enrollment_id, "enrollment")
        )

    @admin.display(description="ESP account")
    def account_link(self, message: Message) -> object:
        return link(message.account)

    @admin.display(description="sender")
    def sender_link(self, message: Message) -> object:
        return link(message.sender)
