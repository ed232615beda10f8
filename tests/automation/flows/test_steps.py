"""Each kind of step: compiled from a draft, and run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from automation.events.models import EventType
from automation.flows import steps
from automation.flows.models import Flow, Step
from automation.flows.schema import AtHand
from automation.flows.steps import KINDS, Move

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
RULE = {"field": "contact.language", "op": "eq", "value": "de"}


def compiled(following="below", **fields):
    step = Step(key="it", **fields)
    return KINDS[step.kind].compile(step, following)


def test_there_is_a_module_for_each_kind_that_can_be_chosen():
    modules = {path.stem for path in Path(steps.__file__).parent.glob("*.py")} - {"__init__", "base", "options"}

    assert len(KINDS) == len(modules)
    assert all(kind.name == name for name, kind in KINDS.items())


def test_kinds_that_call_an_option_the_same_mean_the_same_by_it():
    """They share a field of the form, which only the page's script calls as each kind does."""
    meant = {}
    for kind in KINDS.values():
        for one in kind.fields:
            if not one.is_column:
                assert meant.setdefault(one.name, (one.type, one.help)) == (one.type, one.help)


def test_only_a_wait_lets_time_pass():
    assert [name for name, kind in KINDS.items() if kind.waits] == ["wait", "wait_time", "wait_event"]


@pytest.mark.parametrize(
    ("fields", "following", "ways"),
    [
        ({"kind": "send"}, "below", ["below"]),
        ({"kind": "send"}, None, [None]),
        ({"kind": "send", "next_key": "there"}, "below", ["there"]),
        ({"kind": "wait", "wait_for": timedelta(1)}, "below", ["below"]),
        ({"kind": "wait", "wait_for": timedelta(1), "next_key": "there"}, None, ["there"]),
        ({"kind": "branch"}, "below", ["below", "below"]),
        ({"kind": "branch", "next_key": "yes", "else_key": "no"}, "below", ["yes", "no"]),
        ({"kind": "branch", "next_key": "yes"}, None, ["yes", None]),
        ({"kind": "branch", "else_key": "no"}, "below", ["below", "no"]),
        ({"kind": "exit", "next_key": "ignored"}, "below", [None]),
    ],
)
def test_a_step_leads_where_it_says_and_else_to_the_step_below(fields, following, ways):
    assert KINDS[fields["kind"]].leads_to(compiled(following, **fields)) == ways


def test_a_send_step_wishes_for_a_mail_and_goes_on():
    config = compiled(kind="send", template_id=7)

    assert KINDS["send"].run(config, {}, NOW) == Move(next="below", mail=7)


@pytest.mark.parametrize("wait_for", [timedelta(seconds=1), timedelta(days=3, microseconds=1), timedelta(days=3653)])
def test_a_wait_ends_after_exactly_its_duration(wait_for):
    config = compiled(kind="wait", wait_for=wait_for)

    move = KINDS["wait"].run(config, {}, NOW)

    assert (move.next, move.due_at, move.mail) == ("below", NOW + wait_for, None)
    assert move.result == {"until": (NOW + wait_for).isoformat()}


@pytest.mark.parametrize(("language", "way"), [("de", "yes"), ("pt", "no")])
def test_a_branch_goes_by_its_rule_and_keeps_the_trace(language, way):
    config = compiled(kind="branch", rule=RULE, next_key="yes", else_key="no")

    move = KINDS["branch"].run(config, {"contact": {"language": language}}, NOW)

    assert move == Move(next=way, result={"trace": {**RULE, "seen": language, "result": way == "yes"}})


def test_a_hook_is_told_the_values_that_are_named_and_no_others():
    options = {
        "url": "https://example.com/",
        "secret_env": "HOOK",
        "values": {"lang": "contact.language", "b": "event.b"},
    }
    config = compiled(kind="hook", options=options)

    move = KINDS["hook"].run(config, {"contact": {"language": "de", "email": "ana@example.com"}, "event": {}}, NOW)

    assert move.next == "below"
    assert move.hook == {"url": "https://example.com/", "secret_env": "HOOK", "values": {"lang": "de", "b": None}}


@pytest.mark.django_db
@pytest.mark.parametrize("event", [None, "Nothing"])
def test_a_wait_for_an_event_needs_one_that_there_is(event):
    step = Step(key="it", kind="wait_event", wait_for=timedelta(1), options={"event": event})

    assert KINDS["wait_event"].faults(step, AtHand(None)) == ["Choose what to wait for."]


@pytest.mark.django_db
def test_the_condition_of_a_wait_for_an_event_is_about_that_event():
    EventType.objects.create(name="Paid", schema={"properties": {"total": {}}})
    rule = {"field": "event.payload.sum", "op": "eq", "value": 1}
    step = Step(key="it", kind="wait_event", wait_for=timedelta(1), options={"event": "Paid"}, rule=rule)

    assert KINDS["wait_event"].faults(step, AtHand(EventType(name="Happened"))) == [
        "The rule asks for event.payload.sum, which “Paid” does not have."
    ]


def test_an_exit_ends():
    assert KINDS["exit"].run(compiled(kind="exit"), {}, NOW) == Move(next=None)


FLOW = Flow(key="welcome")


def facts(zone="Europe/Lisbon", **attributes):
    contact = {"time_zone": zone, "language": "", "attributes": attributes}
    return {"contact_id": 7, "contact": contact, "event": {}, "house_zone": ""}


def instant(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Many ways


@pytest.mark.parametrize(
    ("plan", "way"),
    [
        ("pro", "a"),
        (5, "b"),
        (5.0, "b"),
        (True, "c"),
        ("other", "below"),
        (None, "below"),
        ([], "below"),
        ({}, "below"),
    ],
)
def test_a_switch_goes_by_the_value_as_a_marketer_writes_it(plan, way):
    options = {"on": "contact.attributes.plan", "ways": {"pro": "a", "5": "b", "true": "c"}}
    config = compiled(kind="switch", options=options)

    assert KINDS["switch"].run(config, facts(plan=plan), NOW).next == way
    assert set(KINDS["switch"].leads_to(config)) == {"a", "b", "c", "below"}


def test_a_split_sends_the_same_contact_the_same_way_and_shares_as_it_says():
    config = compiled(kind="split", flow=FLOW, options={"shares": {"b": 1, "a": 3}})
    split = KINDS["split"]

    ways = [split.run(config, {"contact_id": n}, NOW).next for n in range(4000)]

    assert ways == [split.run(config, {"contact_id": n}, NOW + timedelta(days=400)).next for n in range(4000)]
    assert 0.72 < ways.count("a") / 4000 < 0.78


def test_two_splits_are_independent():
    first = compiled(kind="split", flow=FLOW, options={"shares": {"a": 1, "b": 1}})
    other = {**first, "key": "another"}
    split = KINDS["split"]

    both = [
        split.run(first, {"contact_id": n}, NOW).next == split.run(other, {"contact_id": n}, NOW).next
        for n in range(2000)
    ]
    assert 0.45 < sum(both) / 2000 < 0.55


# Waiting by the calendar


@pytest.mark.parametrize(
    ("zone", "until"),
    [
        ("Europe/Lisbon", "2026-03-30T08:00:00"),  # Summer time has begun at 01:00 UTC on the 29th.
        ("America/New_York", "2026-03-30T13:00:00"),
        ("", "2026-03-30T07:00:00"),  # The flow's own: Berlin.
    ],
)
def test_a_wait_for_monday_nine_o_clock_is_by_the_contacts_clock(zone, until):
    flow = Flow(key="welcome", time_zone="Europe/Berlin")
    config = compiled(kind="wait_time", flow=flow, options={"clock": "09:00", "weekdays": [0]})

    move = KINDS["wait_time"].run(config, facts(zone), NOW)

    assert (move.due_at, move.stays) == (instant(until), True)


def test_who_has_moved_while_waiting_waits_for_the_time_there():
    config = compiled(kind="wait_time", flow=FLOW, options={"clock": "09:00"})
    wait_time = KINDS["wait_time"]
    since = instant("2026-06-01T06:00:00")
    due_at = wait_time.run(config, facts("Europe/Berlin"), since).due_at
    assert due_at == instant("2026-06-01T07:00:00")

    moved = wait_time.resume(config, facts("Europe/Lisbon"), since, due_at)
    at_last = wait_time.resume(config, facts("Europe/Lisbon"), since, moved.due_at)

    assert (moved.stays, moved.due_at) == (True, instant("2026-06-01T08:00:00"))
    assert (at_last.stays, at_last.due_at, at_last.next) == (False, None, "below")


@pytest.mark.parametrize(
    ("date", "days", "clock", "until"),
    [
        ("2026-04-10", 0, "", "2026-04-09T23:00:00"),  # The day begins in Lisbon, in summer.
        ("2026-04-10", -3, "09:00", "2026-04-07T08:00:00"),
        ("2026-04-10T12:30:00Z", 1, "", "2026-04-11T12:30:00"),
        ("2026-04-10T23:30:00Z", 0, "10:00", "2026-04-11T09:00:00"),  # By then it is the 11th there.
    ],
)
def test_a_wait_for_a_date_ends_so_many_days_before_or_after_it(date, days, clock, until):
    options = {"date": "contact.attributes.ends", "days": days, "clock": clock}
    config = compiled(kind="wait_date", flow=FLOW, options=options, else_key="late")

    move = KINDS["wait_date"].run(config, facts(ends=date), NOW)

    assert (move.due_at, move.stays) == (instant(until), True)
    assert KINDS["wait_date"].resume(config, facts(ends=date), NOW, move.due_at).next == "below"


@pytest.mark.parametrize("date", [None, "", "soon", 5, [], "2026-03-01", "2026-02-30", "9999-12-31"])
def test_what_is_no_date_or_is_over_leads_elsewhere(date):
    config = compiled(
        kind="wait_date", flow=FLOW, options={"date": "contact.attributes.ends", "days": 30}, else_key="late"
    )
    at = NOW + timedelta(days=60)

    move = KINDS["wait_date"].run(config, facts(ends=date), at)

    assert (move.next, move.due_at) == ("late", None)


def test_a_date_that_is_moved_while_waiting_is_waited_for_anew():
    config = compiled(kind="wait_date", flow=FLOW, options={"date": "contact.attributes.ends"})
    wait_date = KINDS["wait_date"]
    due_at = wait_date.run(config, facts("UTC", ends="2026-04-01"), NOW).due_at

    move = wait_date.resume(config, facts("UTC", ends="2026-05-01"), NOW, due_at)

    assert (move.stays, move.due_at) == (True, instant("2026-05-01T00:00:00"))


# Changing the contact


def test_an_update_asks_for_a_change_and_tells_names_only():
    config = compiled(kind="update", options={"set": {"plan": "pro"}, "add": {"orders": 1}, "remove": ["coupon"]})

    move = KINDS["update"].run(config, facts(), NOW)

    assert move.change == {"set": {"plan": "pro"}, "add": {"orders": 1}, "remove": ["coupon"]}
    assert move.result == {"changed": {"set": ["plan"], "add": ["orders"], "remove": ["coupon"]}}


# What is wrong with a draft


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kind": "switch"}, "Say which field decides."),
        ({"kind": "switch", "options": {"on": "event.payload.x"}}, "Say which value leads where"),
        ({"kind": "split", "options": {"shares": {"a": 1}}}, "Name two steps at least"),
        ({"kind": "split", "options": {"shares": {"a": 1, "b": "x"}}}, "The share of “b” has to be a number above 0."),
        ({"kind": "wait_time"}, "Say at which time to go on"),
        ({"kind": "wait_time", "options": {"clock": "25:00"}}, "Say at which time to go on"),
        ({"kind": "wait_time", "options": {"clock": "09:00", "weekdays": [7]}}, "Weekdays are 0"),
        ({"kind": "wait_date"}, "Say which date to wait for."),
        ({"kind": "wait_date", "options": {"date": "contact.age"}}, "It asks for contact.age"),
        ({"kind": "wait_date", "options": {"date": "contact.attributes.a", "days": 9999}}, "ten years at most"),
        ({"kind": "update"}, "Say what to change."),
        ({"kind": "update", "options": {"set": {"email": "a@example.com"}}}, "A flow cannot change the address."),
        ({"kind": "update", "options": {"set": {"language": "!"}}}, "Expected a language tag"),
        ({"kind": "update", "options": {"add": {"orders": "one"}}}, "What is added to orders has to be a number."),
        ({"kind": "update", "options": {"add": {"region": 1}}}, "region cannot be added to."),
        ({"kind": "hook", "options": {"url": "http://example.com/"}}, "The address has to begin with https://."),
        ({"kind": "hook", "options": {"url": "https://10.0.0.1/"}}, "not by a number"),
        ({"kind": "hook", "options": {"secret_env": "whsec_abc"}}, "Never the secret itself."),
        ({"kind": "hook", "options": {"values": {"a": "contact.age"}}}, "It is told contact.age, which “Happened”"),
        ({"kind": "hook", "options": {"values": {"a": 1}}}, "It is told 1, which “Happened”"),
        ({"kind": "wait_until", "wait_for": timedelta(1)}, "Say what has to hold."),
        ({"kind": "wait_until", "rule": {"op": "eq"}}, "The rule cannot be read."),
        ({"kind": "wait_until", "rule": RULE}, "Say how long to wait"),
    ],
)
def test_faults_are_said_in_a_marketers_words(fields, told):
    step = Step(key="it", flow=FLOW, **fields)

    faults = KINDS[step.kind].faults(step, AtHand(EventType(name="Happened")))

    assert any(told in fault for fault in faults), faults
