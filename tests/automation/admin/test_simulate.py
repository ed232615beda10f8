"""The page that simulates a flow's draft."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from automation.flows.triggers import Timing, TriggerKind
from automation.models import Enrollment, Flow
from tests.automation.admin.pages import url
from tests.factories import make_cap, make_contact, make_event, make_event_type, make_flow, make_template, send, wait

RULE = {"field": "event.payload.total", "op": "gte", "value": 50}
ORDER = {"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"]}


@pytest.fixture
def flow(db: None) -> Flow:
    ordered = make_event_type(schema=ORDER, sample={"total": 60})
    template = make_template(
        subject="Your {{ total }}", variables=[{"name": "total", "path": "event.payload.total"}], html="<p>Thanks</p>"
    )
    return make_flow(wait(days=3), send(template), trigger=ordered, entry_rule=RULE)


def ask(client: Client, flow: Flow, **said) -> str:
    return client.post(url(Flow, "simulate", flow.pk), {"begins": "2026-03-27 12:00", **said}).content.decode()


def test_the_flows_page_leads_to_it_and_the_sample_stands_there(admin_client: Client, flow: Flow):
    assert url(Flow, "simulate", flow.pk) in admin_client.get(url(Flow, "change", flow.pk)).content.decode()

    page = admin_client.get(url(Flow, "simulate", flow.pk)).content.decode()

    assert "&quot;total&quot;: 60" in page
    assert "What would happen" not in page


def test_somebody_made_up_is_walked_by_the_clock_where_they_are(admin_client: Client, flow: Flow):
    page = ask(admin_client, flow, time_zone="Europe/Lisbon", email="b@example.com", payload='{"total": 70}')

    assert "until Mon 2026-03-30 13:00 Europe/Lisbon (2026-03-30 12:00 UTC)" in page
    assert "Your 70" in page
    assert "iframe" in page
    assert "(was 70)" in page
    assert not Enrollment.objects.exists()


def test_an_event_that_came_in_brings_its_contact(admin_client: Client, flow: Flow):
    event = make_event(flow.trigger, make_contact(email="ana@example.com"), payload={"total": 20})

    assert "the entry rule says no" in ask(admin_client, flow, event_id=event.pk)
    walked = ask(admin_client, flow, event_id=event.pk, even_if_refused="on")
    assert "<dd>ana@example.com</dd>" in walked


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({"external_id": "nobody"}, "No such contact is known."),
        ({"event_id": "0193f5a0-0000-7000-8000-000000000000"}, "No such event is known."),
        ({"payload": "{}"}, "At /payload/total: This field is required."),
        ({"payload": "{"}, "Line 1, column 2"),
        ({"time_zone": "Mars", "payload": '{"total": 1}'}, "Expected the IANA name of a time zone"),
    ],
)
def test_what_cannot_be_simulated_is_told_at_its_field(admin_client: Client, flow: Flow, said, answer):
    page = ask(admin_client, flow, **said)

    assert answer in page
    assert "What would happen" not in page


def test_an_event_of_somebody_else_is_refused(admin_client: Client, flow: Flow):
    event, other = make_event(flow.trigger, payload={"total": 60}), make_contact()

    assert "of somebody else" in ask(admin_client, flow, event_id=event.pk, external_id=other.external_id)


def test_a_mail_that_lacks_a_value_is_told_to_be_withheld(admin_client: Client):
    template = make_template(variables=[{"name": "plan", "path": "contact.attributes.plan"}])
    contact = make_contact()

    page = ask(admin_client, make_flow(send(template)), external_id=contact.external_id)

    assert "a value that the template needs is missing: plan" in page


def test_it_can_be_said_that_an_awaited_event_happens(admin_client: Client):
    paid = make_event_type()
    waiting = {"kind": "wait_event", "wait_for": timedelta(days=1), "options": {"event": paid.name}}
    flow = make_flow({**waiting, "next_key": "step-1", "else_key": "step-2"}, {"kind": "exit"}, send())

    assert "Step “step-2”" in ask(admin_client, flow)
    assert "Step “step-1”" in ask(admin_client, flow, happens=["step-0"])


def test_a_mail_over_a_cap_is_told_with_the_instants_at_which_it_would_go_or_be_given_up(admin_client: Client):
    make_cap(name="One a week")
    make_cap(name="Two a month", limit=2, period=timedelta(days=30), patience=timedelta(days=1))
    flow = make_flow(send(), wait(days=1), send(), wait(days=7), send())

    page = ask(admin_client, flow, email="b@example.com")

    assert "would go out on Fri 2026-04-03 12:00 UTC" in page
    assert (
        "Until Fri 2026-04-03 12:00 UTC: the contact has had as many mails as the frequency cap allows: One a week."
        in page
    )
    assert "would be withheld" in page
    assert (
        "allows: Two a month. There is room again on Sun 2026-04-26 12:00 UTC: later than the cap lets it wait." in page
    )


def test_each_wait_says_what_becomes_of_its_mails_if_it_ends_late(admin_client: Client, flow: Flow):
    sends = "However late this ends, the mails after it are sent."

    assert ask(admin_client, flow, payload='{"total": 70}').count(sends) == 1

    Flow.objects.filter(pk=flow.pk).update(late_policy="skip")
    page = ask(admin_client, flow, payload='{"total": 70}')
    assert "If this ends more than 6 hours late, the mails up to the next wait are passed over." in page
    assert sends not in page


def test_it_can_be_said_that_the_first_wait_ends_late(admin_client: Client, flow: Flow):
    Flow.objects.filter(pk=flow.pk).update(late_policy="skip")

    page = ask(admin_client, flow, payload='{"total": 70}', late_0="7", late_1="3600")

    assert "<strong>Late</strong> the wait ends only now" in page
    assert 'datetime="2026-03-30T19:00:00+00:00"' in page
    assert "passed over: too late" in page
    assert "Your 70" not in page


def test_a_schedule_needs_no_event(admin_client: Client):
    flow = make_flow(
        trigger_kind=TriggerKind.SCHEDULE, timing=Timing.ONCE, day="2026-03-30", clock="09:00", for_everybody=True
    )

    page = ask(admin_client, flow, time_zone="Europe/Lisbon", email="b@example.com")

    assert "payload" not in page
    assert "Mon 2026-03-30 09:00 Europe/Lisbon (2026-03-30 08:00 UTC)" in page


@pytest.mark.parametrize("seeing", ["view_contact", "view_personal"])
def test_who_may_not_see_personal_data_simulates_nobody_but_whom_they_make_up(client: Client, flow: Flow, seeing):
    contact = make_contact(email="ana@example.com")
    event = make_event(flow.trigger, contact, payload={"total": 99})
    user = User.objects.create(username="viewer", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_flow", seeing]))
    client.force_login(user)

    page = ask(
        client, flow, external_id=contact.external_id, event_id=event.pk, email="b@example.com", payload='{"total": 70}'
    )

    assert "<dd>b@example.com</dd>" in page
    assert "(was 70)" in page
    assert "ana@example.com" not in page
    assert 'name="external_id"' not in page


def test_who_may_not_see_flows_may_not_simulate_them(client: Client, flow: Flow):
    client.force_login(User.objects.create(username="nobody", is_staff=True))

    assert client.get(url(Flow, "simulate", flow.pk)).status_code == 403
