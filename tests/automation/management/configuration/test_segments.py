"""Segments in a configuration file."""

import pytest

from automation.management.configuration.faults import ConfigurationInvalid
from automation.models import Segment

pytestmark = pytest.mark.django_db

FILE = """
event_types:
  Ordered: {}
segments:
  buyers:
    name: Buyers
    rule: RULE
"""


def told(rule: str) -> str:
    return FILE.replace("RULE", rule)


def test_a_segments_rule_is_in_force_at_once(apply_text):
    apply_text(told("{did: Ordered, at_least: 2}"))

    segment = Segment.objects.get()
    assert (segment.key, segment.in_force) == ("buyers", {"did": "Ordered", "at_least": 2})
    assert len(segment.event_types) == 1


def test_the_same_file_again_changes_nothing(apply_text):
    apply_text(told("{did: Ordered}"))
    Segment.objects.update(fill_after=None)

    apply_text(told("{did: Ordered}"))

    assert Segment.objects.get().is_filled


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("{field: contact.region, op: is, value: EU}", "segments.buyers.rule.op: Expected one of"),
        ("{field: event.payload.total, op: gt, value: 5}", "there is no event at hand"),
        ("{segment: others}", "There is no segment “others”."),
        ("{did: Orderd}", "There is no event type “Orderd”."),
        ("{did: segment.entered}", "Ask for the segment"),
    ],
)
def test_what_nobody_would_tell_a_change_of_is_refused(apply_text, rule, fault):
    with pytest.raises(ConfigurationInvalid) as caught:
        apply_text(told(rule))

    assert fault in str(caught.value)
    assert not Segment.objects.exists()
