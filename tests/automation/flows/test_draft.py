import pytest

from automation.flows.draft import look_at
from automation.flows.models import FlowVersion
from tests.factories import make_flow, make_live_flow, send, wait

pytestmark = pytest.mark.django_db


def test_a_draft_that_was_never_published_differs():
    assert look_at(make_flow()).differs


def test_a_draft_differs_from_what_is_live_once_it_is_changed_and_no_more_when_changed_back():
    flow = make_live_flow(wait(days=1))
    step = flow.steps.get()
    before = look_at(flow).differs

    step.next_key, flow.name = "", "Renamed"  # Neither changes what runs.
    step.save()
    renamed = look_at(flow).differs
    flow.steps.update(wait_for="2 hours")
    changed = look_at(flow).differs

    assert (before, renamed, changed) == (False, False, True)
    assert FlowVersion.objects.count() == 1


def test_a_draft_with_faults_names_them():
    flow = make_live_flow(send())
    flow.steps.update(template=None)

    draft = look_at(flow)

    assert draft.differs
    assert [str(fault) for fault in draft.faults] == ["Step “step-0”: Choose the template to mail."]


def test_a_long_draft_costs_no_more_statements_than_a_short_one(django_assert_num_queries):
    short, long = make_live_flow(send()), make_live_flow(*(send() for _ in range(5)))
    for flow in (short, long):
        flow.trigger, flow.live_version  # noqa: B018  # Fetched before counting.

    for flow in (short, long):
        with django_assert_num_queries(1):
            look_at(flow)
