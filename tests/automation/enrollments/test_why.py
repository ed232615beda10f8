"""Why somebody got a flow's mail, and why not: also for those who never entered."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.enrollments.react import react_to_due_events
from automation.enrollments.why import About, why
from automation.models import Contact, EspAccount, Flow, Message, Route
from suppression.address import hash_address
from suppression.models import Suppression
from tests.factories import make_account, make_contact, make_enrollment, make_event, make_live_flow, send, wait

pytestmark = pytest.mark.django_db

RULE = {"field": "event.payload.total", "op": "gte", "value": 50}


@pytest.fixture
def ana():
    return make_contact(email="ana@example.com")


def told(contact, flow):
    flow = Flow.objects.select_related("live_version__trigger").get(pk=flow.pk)
    return {check.about: check for check in reversed(why(contact, flow, at=timezone.now()))}


def test_who_was_mailed_is_told_each_step_of_it(ana):
    flow = make_live_flow(send(), wait(days=1), send())
    make_event(flow.trigger, ana)
    react_to_due_events()

    checks = told(ana, flow)

    assert [(about.value, check.said) for about, check in sorted(checks.items())] == [
        ("address", "allowed"),
        ("enrollment", "active"),
        ("entry", "entered"),
        ("flow", "live"),
        ("message", "queued"),
        ("step", "step-1"),
    ]
    assert all(check.good for check in checks.values())


def test_who_never_triggered_it_is_told_so(ana):
    flow = make_live_flow()

    check = told(ana, flow)[About.TRIGGER]

    assert (check.good, check.said, check.seen) == (False, "not_triggered", {"event_type": flow.trigger.name})


def test_a_rule_that_said_no_is_shown_with_what_it_saw(ana):
    flow = make_live_flow(entry_rule=RULE)
    make_event(flow.trigger, ana, payload={"total": 20})
    react_to_due_events()

    check = told(ana, flow)[About.ENTRY]

    assert (check.good, check.said) == (False, "rule_false")
    assert check.seen == {**RULE, "seen": 20, "result": False}


def test_a_flow_that_was_passed_over_among_many_is_explained_all_the_same(ana):
    flows = [make_live_flow(entry_rule={"field": "event.payload.category", "op": "eq", "value": "none"})]
    trigger = flows[0].trigger
    for n in range(12):
        rule = {"field": "event.payload.category", "op": "eq", "value": f"c{n}"}
        flows.append(make_live_flow(trigger=trigger, entry_rule=rule))
    make_event(trigger, ana, payload={"category": "c3"})
    react_to_due_events()

    assert told(ana, flows[4])[About.ENTRY].said == "entered"
    passed_over = told(ana, flows[0])[About.ENTRY]
    assert (passed_over.said, passed_over.seen["seen"]) == ("rule_false", "c3")


def test_an_event_of_before_the_flow_was_live_found_nobody_listening(ana):
    flow = make_live_flow()
    make_event(flow.trigger, ana, status="decided", decisions=[])

    assert told(ana, flow)[About.ENTRY].said == "did_not_listen"


def test_who_waits_to_be_decided_on_is_told_so(ana):
    flow = make_live_flow()
    make_event(flow.trigger, ana)

    assert told(ana, flow)[About.ENTRY].said == "waiting"


def test_a_paused_flow_says_who_paused_it(ana):
    flow = make_live_flow()
    Flow.objects.filter(pk=flow.pk).update(status="paused", paused_by="root", paused_reason="A mistake.")

    check = told(ana, flow)[About.FLOW]

    assert (check.good, check.said, check.seen) == (False, "paused", {"paused_by": "root", "reason": "A mistake."})


def test_a_withheld_mail_says_why(ana):
    flow = make_live_flow()
    make_event(flow.trigger, ana)
    react_to_due_events()
    Message.objects.update(status="withheld", reason="capped: 3 in 7 days")

    check = told(ana, flow)[About.MESSAGE]

    assert (check.good, check.said, check.seen["reason"]) == (False, "withheld", "capped: 3 in 7 days")


def test_whoever_opted_out_may_not_be_mailed_today(ana):
    flow = make_live_flow()
    Suppression.objects.create(
        address_hash=hash_address("ana@example.com"), scope="marketing", reason="unsubscribed", source="page"
    )

    check = told(ana, flow)[About.ADDRESS]

    assert (check.good, check.said) == (False, "unsubscribed")


def test_without_an_address_nobody_can_be_mailed():
    assert told(make_contact(email=""), make_live_flow())[About.ADDRESS].said == "no_address"


def test_what_others_did_is_not_told(ana):
    flow = make_live_flow()
    make_event(flow.trigger, make_contact())
    react_to_due_events()

    assert set(told(ana, flow)) == {About.FLOW, About.TRIGGER, About.ADDRESS}


def test_whose_home_is_elsewhere_may_not_be_mailed_from_here(ana, settings):
    flow = make_live_flow()
    Contact.objects.filter(pk=ana.pk).update(region="US")
    ana.refresh_from_db()
    settings.DEPLOYMENT_REGIONS = ["EU"]

    check = told(ana, flow)[About.ADDRESS]

    assert (check.good, check.said) == (False, "residency")


@pytest.mark.parametrize(
    ("first", "second", "good", "not_by"),
    [
        ("", "", True, None),
        ("US", "EU", True, ["second"]),  # By failover alone would it come to an account that must not.
        ("EU", "US", False, ["first"]),
        ("EU", "EU", False, ["first", "second"]),
    ],
)
def test_every_account_that_routes_may_lead_to_is_asked_about_the_region(ana, first, second, good, not_by):
    flow = make_live_flow()
    Contact.objects.filter(pk=ana.pk).update(region="US-CA")
    ana.refresh_from_db()
    Route.objects.create(account=make_account(key="of-others", region="EU"), region="GB", position=1)
    for position, (key, region) in enumerate([("first", first), ("second", second)], start=2):
        Route.objects.create(account=make_account(key=key, region=region), position=position)

    check = told(ana, flow)[About.ADDRESS]

    assert (check.good, check.said) == (good, "allowed" if good else "residency")
    assert check.seen.get("not_by") == not_by


def test_a_route_to_an_account_that_may_goes_round_a_senders_own_that_must_not(ana):
    flow = make_live_flow()
    Contact.objects.filter(pk=ana.pk).update(region="US")
    ana.refresh_from_db()
    EspAccount.objects.update(region="EU")
    without = told(ana, flow)[About.ADDRESS].said
    Route.objects.create(account=make_account(region="US"), position=1)

    assert (without, told(ana, flow)[About.ADDRESS].said) == ("residency", "allowed")


def test_an_event_that_was_set_aside_is_told_so(ana):
    flow = make_live_flow()
    make_event(flow.trigger, ana, status="set_aside", failure="residency: elsewhere")

    check = told(ana, flow)[About.ENTRY]

    assert (check.good, check.said, check.seen) == (False, "set_aside", {"failure": "residency"})


def test_whoever_has_reached_the_goal_is_where_it_should_be(ana):
    flow = make_live_flow()
    make_enrollment(flow, ana, status="goal_reached", due_at=None)

    assert told(ana, flow)[About.ENROLLMENT].good


def test_statements_do_not_depend_on_how_much_has_happened(ana):
    rules = [{"field": "event.payload.category", "op": "eq", "value": f"c{n}"} for n in range(12)]
    flows = [make_live_flow(entry_rule=rules[0])]
    flows += [make_live_flow(trigger=flows[0].trigger, entry_rule=rule) for rule in rules[1:]]
    flow = Flow.objects.select_related("live_version__trigger", "sender__account").get(pk=flows[0].pk)

    def statements(events):
        for _ in range(events):
            make_event(flow.trigger, ana, payload={"category": "c3"})
        react_to_due_events()
        with CaptureQueriesContext(connection) as made:
            assert len(why(ana, flow, at=timezone.now())) >= events
        return len(made)

    assert statements(1) == statements(6)
