"""What a segment's page shows below its form: who is in it and why, what builds on it, which flows go by it."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from automation.admin.personal import seen_by
from automation.admin.rule_view import rule_view
from automation.admin.segment_filter import link_to_members
from automation.admin.tables import SHOWN, Table, link, when
from automation.contacts.models import Contact
from automation.core import rules
from automation.flows.segment_uses import uses_of
from automation.segments.assess import explain
from automation.segments.models import Segment, SegmentCheck, SegmentMember


def tables_of(segment: Segment) -> list[Table]:
    return [*_failures(segment), _members(segment), *_building_on(segment), _flows(segment)]


def set_aside(segment: Segment) -> QuerySet[SegmentCheck]:
    return SegmentCheck.objects.set_aside().filter(segment=segment)


def why_table(request: HttpRequest, segment: Segment, contact: Contact) -> Table:
    trace = explain(contact, segment, at=timezone.now())
    title = f"Why {contact} is in it" if trace["result"] else f"Why {contact} is not in it"
    return Table(title, [segment.name], [[rule_view(seen_by(request, trace, None))]], empty="")


def standing_table(contact: Contact) -> Table:
    """Each segment, and whether `contact` is in it; for the contact's page."""
    since = dict(SegmentMember.objects.filter(contact=contact).values_list("segment_id", "since"))
    return Table(
        "Segments",
        ["Segment", "In it since", ""],
        [[segment, when(since.get(segment.pk)), _link_to_why(segment, contact)] for segment in Segment.objects.all()],
        empty="There are no segments.",
    )


def _failures(segment: Segment) -> list[Table]:
    """Of the failure only its kind: what it says may repeat values. Nothing while there is none."""
    rows = [
        [link(one.contact), one.failure.partition(":")[0] or "-", when(one.due_at)]
        for one in set_aside(segment).select_related("contact").order_by("-pk")[:SHOWN]
    ]
    table = Table("Asking about these kept failing", ["Contact", "Failure", "Tried last"], rows, empty="")
    return [table] if rows else []


def _members(segment: Segment) -> Table:
    latest = segment.members.select_related("contact").order_by("-pk")[:SHOWN]
    rows = [[link(one.contact), when(one.since)] for one in latest]
    note = link_to_members(segment)
    return Table("Who came in last", ["Contact", "In it since"], rows, empty="Nobody is in it.", note=note)


def _building_on(segment: Segment) -> list[Table]:
    rows = [[link(one), rules.sentence(one.asks)] for one in Segment.objects.building_on(segment)]
    return [Table("Segments that build on it", ["Segment", "In words"], rows, empty="")] if rows else []


def _flows(segment: Segment) -> Table:
    rows = [
        [link(use.flow), use.flow.get_status_display(), _places(use.draft), _places(use.live)]
        for use in uses_of(segment.key)
    ]
    columns = ["Flow", "Status", "In the draft", "In the live version"]
    return Table("Flows that go by it", columns, rows, empty="No flow names it.")


def _places(places: list[str]) -> str:
    return ", ".join(places) or "-"


def _link_to_why(segment: Segment, contact: Contact) -> SafeString:
    url = reverse("admin:automation_segment_change", args=[segment.pk])
    return format_html('<a class="text-link" href="{}?contact={}">Why?</a>', url, contact.pk)
