"""Publishing: what is refused, in whose words, and what a version is."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from automation.core.lanes import Lane
from automation.flows.graph import MAX_STEPS
from automation.flows.models import Flow, FlowVersion, ReEntry, Step
from automation.flows.publish import FlowInvalid, publish
from templates_app.models import Template
from tests.factories import make_event_type, make_flow, make_live_flow, make_template, make_topic, send, wait

pytestmark = pytest.mark.django_db

CLOSED = {"type": "object", "properties": {"total": {"type": "number"}}}
ASKS_PLAN = {"field": "event.payload.plan", "op": "eq", "value": "pro"}


def branch(**fields):
    return {"kind": "branch", "rule": {"field": "contact.language", "op": "eq", "value": "de"}, **fields}


def faults_of(flow):
    with pytest.raises(FlowInvalid) as refused:
        publish(flow=flow)
    assert not FlowVersion.objects.exists()
    return [(fault.step_key, fault.message) for fault in refused.value.faults]


def test_a_draft_becomes_a_version_and_goes_live():
    flow = make_flow(send(), wait(days=3), send())

    version = publish(flow=flow)

    flow.refresh_from_db()
    assert (flow.status, flow.live_version, version.number) == (Flow.Status.LIVE, version, 1)
    assert version.definition["start"] == "step-0"
    assert version.definition["steps"]["step-1"] == {"kind": "wait", "seconds": 259200.0, "next": "step-2"}


def test_an_unchanged_draft_makes_no_new_version():
    flow = make_live_flow()

    assert publish(flow=flow) == flow.live_version
    assert FlowVersion.objects.count() == 1


@pytest.mark.parametrize(
    "change", [{"entry_rule": {"field": "contact.region", "op": "eq", "value": "EU"}}, {"re_entry": ReEntry.ALWAYS}]
)
def test_a_changed_draft_makes_the_next(change):
    flow = make_live_flow()
    Flow.objects.update(**change)

    assert publish(flow=flow).number == 2


def test_what_was_changed_back_is_a_version_of_its_own():
    flow = make_live_flow(wait(days=1))
    first = flow.live_version
    for days, number in ((2, 2), (1, 3)):
        flow.steps.update(wait_for=timedelta(days=days))
        assert publish(flow=flow).number == number

    assert FlowVersion.objects.get(number=3).content_hash == first.content_hash


def test_a_version_knows_who_published_it(admin_user):
    assert publish(flow=make_flow(), by=admin_user).published_by == admin_user


def test_a_new_version_of_a_paused_flow_waits_until_the_flow_is_resumed():
    """Whoever paused it may be waiting for just this version. But mails go out when somebody says so."""
    flow = make_live_flow()
    Flow.objects.update(status=Flow.Status.PAUSED, re_entry=ReEntry.ALWAYS)

    version = publish(flow=flow)

    flow.refresh_from_db()
    assert (flow.status, flow.live_version, version.number) == ("paused", version, 2)


def test_a_draft_that_is_refused_leaves_what_runs_as_it_was():
    flow = make_live_flow(send())
    Flow.objects.update(status=Flow.Status.PAUSED)
    before = Flow.objects.values().get()
    flow.steps.update(template=None)

    with pytest.raises(FlowInvalid):
        publish(flow=flow)

    assert Flow.objects.values().get() == before
    assert FlowVersion.objects.count() == 1


def test_all_faults_are_told_at_once():
    lost = {"kind": "branch", "next_key": "gone", "else_key": "gone"}
    flow = make_flow({"kind": "send"}, {"kind": "wait"}, lost, re_entry=ReEntry.PER_KEY)

    assert [key for key, _ in faults_of(flow)] == ["", "step-0", "step-1", "step-2", "step-2"]


def test_more_steps_than_anybody_can_oversee_are_refused():
    flow = make_flow(*({"kind": "exit"} for _ in range(MAX_STEPS + 1)))

    assert faults_of(flow)[0] == ("", f"A flow may have {MAX_STEPS} steps at most. This one has {MAX_STEPS + 1}.")


def test_a_flow_without_steps_is_refused():
    flow = make_flow()
    Step.objects.all().delete()

    assert faults_of(flow) == [("", "There are no steps yet. Add at least one.")]


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"kind": "send"}, "Choose the template to mail."),
        ({"kind": "wait"}, "Say how long to wait (at least one second)."),
        ({"kind": "wait", "wait_for": timedelta(0)}, "Say how long to wait (at least one second)."),
        ({"kind": "wait", "wait_for": timedelta(days=999_999_999)}, "This is too long to wait."),
        ({"kind": "branch"}, "Say which question decides."),
        (branch(rule={"field": "x"}), "The rule cannot be read. /field: Expected a field such as"),
        (branch(rule=ASKS_PLAN), "The rule asks for event.payload.plan, which “Paid” does not have."),
    ],
)
def test_what_a_step_lacks_is_said_at_the_step(step, message):
    flow = make_flow(send(), step, trigger=make_event_type(name="Paid", schema=CLOSED))

    [(key, said)] = faults_of(flow)

    assert key == "step-1"
    assert said.startswith(message)


def test_a_template_that_was_never_published_is_refused():
    template = Template.objects.create(key="draft", name="Draft")

    assert faults_of(make_flow(send(template))) == [
        ("step-0", "The template “Draft” has never been published. Publish it first.")
    ]


def test_a_variable_that_the_event_cannot_fill_is_refused_only_if_it_has_nothing_to_fall_back_on():
    trigger = make_event_type(name="Paid", schema=CLOSED)
    strict = make_template(variables=[{"name": "plan", "path": "event.payload.plan", "missing": "refuse"}])
    lenient = make_template(variables=[{"name": "plan", "path": "event.payload.plan", "missing": "default"}])

    publish(flow=make_flow(send(lenient), trigger=trigger))
    with pytest.raises(FlowInvalid, match=r"needs event\.payload\.plan"):
        publish(flow=make_flow(send(strict), trigger=trigger))


def test_fields_that_the_kind_of_a_step_does_not_use_may_hold_anything():
    leftover = {"rule": ASKS_PLAN, "else_key": "gone", "template": Template.objects.create(key="draft", name="Draft")}
    flow = make_flow(send(), {**wait(days=1), **leftover}, trigger=make_event_type(schema=CLOSED))

    assert publish(flow=flow).number == 1


@pytest.mark.parametrize(
    ("steps", "faults"),
    [
        ([{"kind": "send", "next_key": "gone"}], [("step-0", "There is no step “gone” to go to.")]),
        ([{"kind": "exit"}, {"kind": "send"}], [("step-1", "No way leads here.")]),
        (
            [branch(next_key="step-0", else_key="step-1"), {"kind": "exit"}],
            [("step-0", "This step would repeat without end. Put a wait into the loop.")],
        ),
        (
            [wait(days=1), {**wait(days=1), "next_key": "step-0"}],
            [("step-0", "No way leads from here to an end."), ("step-1", "No way leads from here to an end.")],
        ),
    ],
    ids=["no such step", "unreachable", "restless loop", "no end"],
)
def test_the_way_through_must_be_whole(steps, faults):
    steps = [{**step, "template": make_template()} if step["kind"] == "send" else step for step in steps]

    assert faults_of(make_flow(*steps)) == faults


def test_a_loop_with_a_wait_is_allowed():
    flow = make_flow(send(), wait(days=1), branch(next_key="step-0", else_key="end"), {"kind": "exit", "key": "end"})

    assert publish(flow=flow).number == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"lane": Lane.TRANSACTIONAL, "topic": "some"}, "A transactional flow has no topic"),
        ({"topic": None}, "Choose a topic that people can unsubscribe from"),
        ({"re_entry": ReEntry.PER_KEY}, "“Once per key” needs the field"),
        ({"re_entry": ReEntry.PER_KEY, "re_entry_path": "event.payload.cart"}, "“Once per key” asks for"),
        ({"entry_rule": ASKS_PLAN}, "The rule asks for event.payload.plan"),
        ({"entry_rule": {"any": []}}, "The entry rule cannot be read."),
        ({"send_from": time(9)}, "A send window needs both times"),
        ({"lane": Lane.TRANSACTIONAL, "topic": None, "holdout_percent": 5}, "A transactional flow holds nobody out"),
    ],
)
def test_what_is_wrong_with_the_flow_itself(fields, message):
    flow = make_flow(trigger=make_event_type(schema=CLOSED))
    Flow.objects.update(**{**fields, **({"topic": make_topic()} if fields.get("topic") else {})})
    flow.refresh_from_db()

    [(key, said)] = faults_of(flow)

    assert key == ""
    assert said.startswith(message)


@pytest.mark.parametrize(
    "change", [{"definition": {}}, {"number": 9}, {"lane": Lane.BULK}, {"content_hash": "x"}, {"definition": None}]
)
def test_the_database_refuses_to_change_a_version(change):
    version = make_live_flow().live_version

    with pytest.raises((InternalError, ProgrammingError), match="never changes"), transaction.atomic():
        FlowVersion.objects.filter(pk=version.pk).update(**change)


def test_who_published_a_version_may_be_forgotten(admin_user):
    version = publish(flow=make_flow(), by=admin_user)

    admin_user.delete()

    version.refresh_from_db()
    assert version.published_by is None


@pytest.mark.django_db(transaction=True)
def test_many_who_publish_the_same_draft_at_once_make_one_version():
    flow = make_flow()

    def publish_it(_):
        try:
            return publish(flow=flow).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        published = set(pool.map(publish_it, range(8)))

    assert published == {FlowVersion.objects.get().pk}


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_make_two_versions_and_no_number_twice():
    flow = make_live_flow()

    def change_and_publish(name):
        Flow.objects.filter(pk=flow.pk).update(entry_rule={"field": "contact.attributes.x", "op": "eq", "value": name})
        try:
            return publish(flow=flow).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change_and_publish, map(str, range(8))))

    numbers = sorted(FlowVersion.objects.values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
