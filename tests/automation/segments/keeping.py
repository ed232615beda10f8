"""Working the segments pump off, and who is in a segment then."""

from automation.models import Segment, SegmentMember
from automation.segments.keep import keep_segments


def keep_on() -> None:
    while keep_segments():
        pass


def members(segment: Segment) -> set[int]:
    return set(SegmentMember.objects.filter(segment=segment).values_list("contact_id", flat=True))
