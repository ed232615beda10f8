"""What a version says, written and read."""

from datetime import timedelta

import pytest

from automation.flows import definition
from automation.flows.models import Flow, FlowVersion, ReEntry, UncertainPolicy
from automation.flows.publish import publish
from tests.factories import make_flow, make_live_flow, wait


@pytest.mark.django_db
@pytest.mark.parametrize("age", [None, timedelta(days=2, microseconds=500_000)])
def test_a_version_says_what_the_draft_said(age):
    rule = {"field": "contact.region", "op": "eq", "value": "EU"}
    flow = make_flow(
        wait(minutes=1.5),
        entry_rule=rule,
        re_entry=ReEntry.PER_KEY,
        re_entry_path="event.payload.cart_id",
        max_event_age=age,
        uncertain_policy=UncertainPolicy.RESEND,
    )

    said = definition.of_version(FlowVersion.objects.get(pk=publish(flow=flow).pk))

    assert said == definition.Definition(
        entry_rule=rule,
        re_entry="per_key",
        re_entry_path="event.payload.cart_id",
        max_event_age=age,
        uncertain_policy="resend",
        start="step-0",
        steps={"step-0": {"kind": "wait", "seconds": 90.0, "next": None}},
    )


@pytest.mark.django_db
def test_a_version_says_who_takes_part_only_if_not_everybody_does():
    everybody, some = make_live_flow(), make_live_flow(rollout_percent=10.0, holdout_percent=5.0)

    assert not {*definition.SHARES} & {*everybody.live_version.definition}
    assert definition.of_version(everybody.live_version).rollout_percent == 100
    said = definition.of_version(some.live_version)
    assert (said.flow_key, said.rollout_percent, said.holdout_percent) == (some.key, 10, 5)


@pytest.mark.django_db
def test_a_version_is_read_once():
    version = make_live_flow().live_version

    assert definition.of_version(version) is definition.of_version(FlowVersion.objects.get(pk=version.pk))


def test_the_hash_is_of_all_that_a_version_holds_and_of_nothing_else():
    flow = Flow(trigger_id=1, lane="bulk", topic_id=1, sender_id=1, name="A")
    stored = {"a": 1, "b": 2}
    same = Flow(trigger_id=1, lane="bulk", topic_id=1, sender_id=1, name="B", status="live", description="x")
    others = [
        (Flow(trigger_id=2, lane="bulk", topic_id=1, sender_id=1), stored),
        (Flow(trigger_id=1, lane="triggered", topic_id=1, sender_id=1), stored),
        (Flow(trigger_id=1, lane="bulk", topic_id=2, sender_id=1), stored),
        (Flow(trigger_id=1, lane="bulk", topic_id=1, sender_id=2), stored),
        (flow, {"a": 1, "b": 3}),
        (Flow(trigger_id=1, lane="bulk", topic_id=1, sender_id=1, time_zone="Asia/Tokyo"), stored),
    ]

    own = definition.hash_of(flow, stored)

    assert own == definition.hash_of(same, {"b": 2, "a": 1})
    assert own not in {definition.hash_of(*other) for other in others}
