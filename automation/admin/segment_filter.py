"""The list of contacts, of one segment only: its members, to be searched and paged like all others."""

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import DropdownFilter

from automation.contacts.models import Contact
from automation.segments.models import Segment


class SegmentFilter(DropdownFilter):
    title = "segment"
    parameter_name = "segment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in Segment.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        """A plain join: a contact is in a segment once, and the index that says so has members in the list's order."""
        if not self.value():
            return queryset
        if self.value() not in dict(self.lookup_choices):
            raise IncorrectLookupParameters
        return queryset.filter(memberships__segment=self.value())


def link_to_members(segment: Segment) -> SafeString:
    url = reverse("admin:automation_contact_changelist")
    text = '<a class="text-link" href="{}?{}={}">All members</a>'
    return format_html(text, url, SegmentFilter.parameter_name, segment.pk)
