"""How a file says what ends a walk early, and what becomes of mail that comes late."""

from datetime import timedelta

import pytest

from automation.management.configuration.faults import ConfigurationInvalid
from automation.models import Flow
from tests.automation.management.conftest import SHOP

pytestmark = pytest.mark.django_db

ENDS = """
    goal: {event: SignedUp, if: {field: event.payload.name, op: eq, value: Ana}}
    exit: {if: {field: contact.region, op: eq, value: EU}}
    late: {policy: skip, after: 2h}
"""


def test_a_flow_says_what_ends_it(apply_text):
    apply_text(SHOP + ENDS)

    flow = Flow.objects.get()
    assert (str(flow.goal_event), flow.goal_rule["value"]) == ("SignedUp", "Ana")
    assert (flow.exit_event, flow.exit_rule["value"]) == (None, "EU")
    assert (flow.late_policy, flow.late_after) == ("skip", timedelta(hours=2))
    assert not any(change.details for change in apply_text(SHOP + ENDS).changes)


def test_what_is_left_out_is_taken_away(apply_text):
    apply_text(SHOP + ENDS)
    apply_text(SHOP)

    flow = Flow.objects.get()
    assert (flow.goal_event, flow.goal_rule, flow.exit_rule, flow.late_policy) == (None, {}, {}, "send")


def test_an_event_that_is_not_there_is_a_fault(apply_text):
    with pytest.raises(ConfigurationInvalid, match="There is no event type “Nothing”"):
        apply_text(SHOP + "    goal: {event: Nothing}\n")
