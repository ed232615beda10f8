"""Messages: what became of each mail and why; the dead letters among them can be sent again."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action
from unfold.enums import ActionVariant

from automation.admin import words
from automation.admin.base import asking
from automation.admin.logs import LogAdmin, contacts_named, uuid_of
from automation.admin.previews import preview
from automation.admin.tables import Table, label, link, link_to, when
from automation.core.lanes import Lane
from automation.delivery.models import Message, MessageQuerySet
from automation.delivery.replay import replay
from automation.enrollments.models import Enrollment

Status = Message.Status

STATUS_COLOURS: dict[str, str] = {
    Status.QUEUED: "info",
    Status.SENDING: "info",
    Status.UNCERTAIN: "warning",
    Status.SENT: "success",
    Status.DELIVERED: "success",
    Status.BOUNCED: "danger",
    Status.COMPLAINED: "danger",
    Status.WITHHELD: "",
    Status.FAILED: "danger",
}
STAMPS = ["uncertain_at", "sent_at", "delivered_at", "opened_at", "clicked_at", "bounced_at", "complained_at"]
LARGE = [
    "values",
    "flow_version__definition",
    "template_version__content",
    "template_version__source",
    "template_version__variables",
]


def status_label(message: Message) -> SafeString:
    return label(message.status, STATUS_COLOURS[message.status])


@admin.register(Message)
class MessageAdmin(LogAdmin):
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
        ("lane", ChoicesDropdownFilter),
        ("account", RelatedDropdownFilter),
        ("flow_version__flow", RelatedDropdownFilter),
    ]
    search_help_text = "A message id (ours or the ESP's), an enrollment id, a contact's id, or a whole email address."
    fieldsets = [
        (None, {"fields": ["status_in_full", "why", "to_email", "contact_link", "template_link", "flow_link", "due"]}),
        ("Way to the ESP", {"fields": ["account_link", "sender_link", "lane", "topic", "attempts", "esp_message_id"]}),
        ("When", {"fields": ["created_at", *STAMPS]}),
        ("What it was made from", {"fields": ["language", "values", "dedupe_key"]}),
    ]
    only_if_set = STAMPS
    actions = ["send_selected_again"]
    actions_detail = ["see_the_mail", "send_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).defer(*LARGE)

    def matching(self, term: str) -> Q:
        found = Q(contact__in=contacts_named(term)) | (Q(esp_message_id=term) & ~Q(esp_message_id=""))
        if key := uuid_of(term):
            found |= Q(pk=key) | Q(dedupe_key__startswith=f"{key}:")
        return found

    def offered(self, obj: Message) -> Collection[str]:
        return ["see_the_mail", "send_again"] if obj.status == Status.FAILED else ["see_the_mail"]

    def tables(self, obj: Message) -> list[Table]:
        return [_attempts(obj)]

    @action(description="See the mail", icon="visibility", url_path="mail", permissions=["view"])
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

    @action(
        description="Send again",
        icon="replay",
        permissions=["replay"],
        variant=ActionVariant.PRIMARY,
        dialog=asking(
            "Send this message again?",
            "It is queued again, and all questions are asked anew: may this address still be mailed, is the flow live?",
            "Send again",
        ),
    )
    def send_again(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponseBase:
        message = self.find(request, object_id)
        self._replay(request, Message.objects.filter(pk=message.pk))
        return self.back_to(request, message)

    @admin.action(description="Send again (failed ones only)", permissions=["replay"])
    def send_selected_again(self, request: HttpRequest, queryset: MessageQuerySet) -> None:
        self._replay(request, queryset)

    def _replay(self, request: HttpRequest, rows: MessageQuerySet) -> None:
        if queued := replay(rows):
            self.message_user(request, f"Queued again: {queued:,}.", messages.SUCCESS)
        else:
            self.message_user(request, "Nothing was queued: only failed messages can be sent again.", messages.WARNING)

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
        return label(message.get_status_display(), STATUS_COLOURS[message.status])

    @admin.display(description="why")
    def why(self, message: Message) -> str:
        return words.reason(message.reason) or "-"

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


def _attempts(message: Message) -> Table:
    return Table(
        "Attempts to hand it to the ESP",
        ["Attempt", "When", "Took", "What came of it", "HTTP", "The ESP said"],
        [
            [
                attempt.number,
                when(attempt.began_at),
                f"{(attempt.ended_at - attempt.began_at).total_seconds():.2f} s",
                words.REASONS.get(attempt.outcome, attempt.outcome),
                attempt.status_code or "-",
                attempt.detail or "-",
            ]
            for attempt in message.attempt_set.order_by("pk")
        ],
        empty="None yet.",
    )
