"""Contacts: who can be mailed, and on one page all that happened to each of them."""

import json

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from unfold.decorators import action

from automation.admin.base import KeptAdmin
from automation.admin.enrollments import status_of
from automation.admin.json_field import JsonField
from automation.admin.logs import CappedPaginator
from automation.admin.message_status import status_label
from automation.admin.personal import PersonalAdmin, sees_personal
from automation.admin.privacy import PrivacyAdmin
from automation.admin.segment_filter import SegmentFilter
from automation.admin.segment_tables import standing_table
from automation.admin.tables import SHOWN, Table, link, link_to, when
from automation.admin.why import why_page
from automation.contacts.models import Contact
from automation.contacts.read import read_contact
from automation.core.faults import Refused
from automation.delivery.models import Message
from automation.enrollments.models import Enrollment

AS_THE_API_READS = ["email", "time_zone", "language", "region", "attributes"]


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    attributes = JsonField(help_text="Whatever your services tell us: rules read it as contact.attributes.…")

    class Meta:
        model = Contact
        fields = ["external_id", "email", "time_zone", "language", "region", "attributes"]

    def clean(self) -> None:
        """What the API refuses is refused here, too, and what it spells differently (pt-br) is spelled so."""
        super().clean()
        given = {name: self.cleaned_data.get(name) or None for name in AS_THE_API_READS}
        try:
            self.cleaned_data |= read_contact(json.dumps(given).encode())
        except Refused as refused:
            for fault in refused.faults:
                name = fault.pointer.split("/")[1] if fault.pointer else None
                self.add_error(name if name in self.cleaned_data else None, fault.message)


@admin.register(Contact)
class ContactAdmin(PersonalAdmin, PrivacyAdmin, KeptAdmin):
    """Deleting is no editing: to forget a person also reaches what has no foreign key (automation/privacy/erase.py)."""

    form = ContactForm
    paginator = CappedPaginator
    show_full_result_count = False
    ordering = ["-pk"]
    list_per_page = 50
    list_display = ["external_id", "email", "language", "time_zone", "region", "since"]
    list_filter = [SegmentFilter]
    search_fields = ["external_id", "email"]
    actions_detail = ["why", "export", "forget"]
    search_help_text = "The beginning of an id or of an email address."
    personal = {"email": None, "attributes": None}
    personal_columns = ["email", "attributes"]
    fieldsets = [
        (None, {"fields": ["external_id", "email"]}),
        ("Where and how", {"fields": ["language", "time_zone", "region"]}),
        ("What your services told us", {"fields": ["attributes"]}),
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Contact], search_term: str
    ) -> tuple[QuerySet[Contact], bool]:
        """By the indexes: both columns compare by code point, so a beginning is a range.

        Who may not see addresses can only ask for a whole one: by beginnings one would spell them out.
        """
        term = search_term.strip().replace("\0", "")
        as_typed = Q(email__startswith=term) if sees_personal(request) else Q(email=term)
        by_email = as_typed & ~Q(email="")  # As the partial index says it.
        return (queryset.filter(Q(external_id__startswith=term) | by_email) if term else queryset), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """What one may not see, one may not write, or the form would empty it."""
        return sees_personal(request) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Contact | None = None) -> bool:
        """Nor is anything written about somebody who was forgotten."""
        is_erased = obj is not None and obj.erased_at is not None
        return sees_personal(request) and not is_erased and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Contact | None = None) -> list[str]:
        return ["external_id"] if obj else []

    @admin.display(description="known since", ordering="pk")
    def since(self, contact: Contact) -> object:
        return when(contact.created_at)

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.why_page)
        return [path("<int:contact_id>/why/", page, name="automation_contact_why"), *super().get_urls()]

    def why_page(self, request: HttpRequest, contact_id: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return why_page(request, contact_id)

    @action(description="Why, or why not?", icon="help", permissions=["view"])
    def why(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        return HttpResponseRedirect(reverse("admin:automation_contact_why", args=[object_id]))

    def tables(self, request: HttpRequest, obj: Contact) -> list[Table]:
        return [_enrollments(obj), _messages(obj), _events(obj), standing_table(obj)]


def _enrollments(contact: Contact) -> Table:
    rows = contact.enrollments.select_related("flow", "flow_version").defer("flow_version__definition")
    return Table(
        "Flows entered",
        ["Entered", "Flow", "Version", "Status", "Next step", "Due"],
        [
            [
                link_to(Enrollment, row.pk, when(row.entered_at)),
                link(row.flow),
                f"v{row.flow_version.number}",
                status_of(row),
                row.step_key or "-",
                when(row.goes_on_at),
            ]
            for row in rows.order_by("-pk")[:SHOWN]
        ],
        empty="None yet.",
    )


def _messages(contact: Contact) -> Table:
    rows = contact.messages.select_related("template_version__template", "flow_version__flow").defer(
        "values",
        "flow_version__definition",
        "template_version__content",
        "template_version__source",
        "template_version__variables",
    )
    return Table(
        "Messages",
        ["Made", "Template", "Flow", "Status", "Sent"],
        [
            [
                link_to(Message, row.pk, when(row.created_at)),
                str(row.template_version.template),
                link(row.flow_version.flow) if row.flow_version else "-",
                status_label(row),
                when(row.sent_at),
            ]
            for row in rows.order_by("-pk")[:SHOWN]
        ],
        empty="None yet.",
    )


def _events(contact: Contact) -> Table:
    rows = contact.events.select_related("event_type").only("occurred_at", "status", "event_type__name")
    return Table(
        "Events",
        ["Happened", "What", "Status"],
        [
            [link(row, when(row.occurred_at)), row.event_type.name, row.status]
            for row in rows.order_by("-occurred_at")[:SHOWN]
        ],
        empty="None yet.",
        note=f"The newest {SHOWN} of each are shown.",
    )
