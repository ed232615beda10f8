from datetime import date, timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db.models.signals import pre_save
from django.test import Client
from django.utils import timezone

from automation.admin.flow_steps import NEEDS
from automation.admin.flow_trigger import NEEDS as NEEDED
from automation.admin.flow_trigger import RECURRENCES
from automation.flows.models import Flow, FlowVersion
from automation.flows.recurrence import fault
from automation.flows.steps import KINDS
from automation.flows.triggers import Timing, TriggerKind
from automation.models import Tally
from tests.automation.admin.pages import filled_in, press, publish, said, save, url
from tests.factories import (
    make_enrollment,
    make_flow,
    make_live_flow,
    make_sender,
    make_template,
    send,
    wait,
)

pytestmark = pytest.mark.django_db
PUBLISH = {"_publish": "Save and publish"}


def page(client: Client, flow: Flow) -> str:
    return " ".join(unescape(client.get(url(Flow, "change", flow.pk)).content.decode()).split())


def test_saving_changes_the_draft_and_not_what_runs(admin_client):
    flow = make_live_flow(wait(days=1))

    save(admin_client, flow, **{"steps-0-wait_for_0": "2", "steps-0-wait_for_1": "3600"})

    flow.refresh_from_db()
    assert flow.steps.get().wait_for == timedelta(hours=2)
    assert flow.live_version.definition["steps"]["step-0"]["seconds"] == 86_400
    assert "The draft below differs from it" in page(admin_client, flow)


def test_saving_undoes_nothing_that_happened_meanwhile(admin_client):
    flow = make_live_flow()

    def pause_meanwhile(instance: Flow, **_: object) -> None:
        Flow.objects.filter(pk=instance.pk).update(status="paused")

    pre_save.connect(pause_meanwhile, sender=Flow)
    try:
        save(admin_client, flow, name="Renamed")
    finally:
        pre_save.disconnect(pause_meanwhile, sender=Flow)

    flow.refresh_from_db()
    assert (flow.name, flow.status) == ("Renamed", "paused")


def test_every_kind_of_step_has_its_fields():
    assert set(NEEDS) == set(KINDS)


def test_save_and_publish_makes_live_what_the_form_says(admin_client):
    flow = make_live_flow(wait(days=1))

    response = publish(admin_client, flow, **{"steps-0-wait_for_0": "2"})

    flow.refresh_from_db()
    assert flow.live_version.number == 2
    assert flow.live_version.definition["steps"]["step-0"]["seconds"] == 2 * 86_400
    assert flow.live_version.published_by.username == "root"
    assert said(response) == [f"v2 of “{flow}” is live."]
    assert "The draft below is the same." in page(admin_client, flow)
    assert LogEntry.objects.filter(object_id=flow.pk, change_message="Published v2.").exists()


def test_a_paused_flow_that_is_published_stays_paused_and_says_so(admin_client):
    flow = make_live_flow(wait(days=1))
    Flow.objects.update(status="paused")

    response = publish(admin_client, flow, **{"steps-0-wait_for_0": "2"})

    flow.refresh_from_db()
    assert (flow.status, flow.live_version.number) == ("paused", 2)
    assert said(response) == [f"v2 of “{flow}” begins once the flow is resumed."]


def test_publishing_with_faults_saves_and_says_each_of_them(admin_client):
    flow = make_flow(wait(days=1), send(), topic=None, lane="transactional")
    other = make_template()
    other.live_version = None
    other.save()

    response = save(admin_client, flow, **{"steps-0-wait_for_0": "", "steps-1-template": other.pk, **PUBLISH})

    assert said(response) == ["Saved, but not published: see below what is missing."]
    assert flow.steps.get(key="step-0").wait_for is None
    assert not FlowVersion.objects.exists()
    shown = page(admin_client, flow)
    assert "Step “step-0”: Say how long to wait (at least one second)." in shown
    assert f"Step “step-1”: The template “{other}” has never been published. Publish it first." in shown
    assert '<span class="step-fault">Say how long to wait (at least one second).</span>' in shown


def test_a_rule_that_cannot_be_read_is_told_at_its_field_and_nothing_is_saved(admin_client):
    flow = make_flow()

    response = save(admin_client, flow, name="Changed", entry_rule='{"all": []}', **{"steps-0-rule": "{"})

    assert response.status_code == 200
    form = response.context["adminform"].form
    assert form.errors["entry_rule"] == ["At “all”: Expected a list of at least one rule."]
    assert "Line 1, column 2" in response.context["inline_admin_formsets"][0].formset.errors[0]["rule"][0]
    assert Flow.objects.get().name != "Changed"


@pytest.mark.parametrize(
    ("field", "told"),
    [("trigger", "Choose the event."), ("sender", "This field is required."), ("name", "This field is required.")],
)
def test_a_form_with_holes_is_shown_again(admin_client, field, told):
    response = save(admin_client, make_live_flow(), **{field: ""})

    assert response.context["adminform"].form.errors[field] == [told]


def test_new_steps_come_last_in_the_order_of_the_form(admin_client):
    flow = make_flow(send(), wait(days=1))
    new = {"kind": "exit", "wait_for_0": "", "wait_for_1": "60", "position": "0", "flow": flow.pk}
    added = {f"steps-{n}-{name}": value for n in (2, 3) for name, value in {**new, "key": f"new-{n}"}.items()}

    save(admin_client, flow, **{"steps-TOTAL_FORMS": "4", **added})

    assert [step.key for step in flow.steps.all()] == ["step-0", "step-1", "new-2", "new-3"]


def test_steps_are_moved_and_deleted(admin_client):
    flow = make_flow(send(), wait(days=1), send())

    save(admin_client, flow, **{"steps-0-position": "2", "steps-2-position": "0", "steps-1-DELETE": "on"})

    assert [step.key for step in flow.steps.all()] == ["step-2", "step-0"]


def test_two_steps_of_one_name_are_refused_in_words(admin_client):
    flow = make_flow(send(), send())

    response = save(admin_client, flow, **{"steps-1-key": "step-0"})

    assert "Please correct the duplicate data for key." in response.content.decode()
    assert [step.key for step in flow.steps.all()] == ["step-0", "step-1"]


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        ({"steps-0-key": "step-1", "steps-1-key": "step-0"}, ["step-1", "step-0"]),
        ({"steps-0-key": "step-1", "steps-1-DELETE": "on"}, ["step-1"]),
        ({"steps-1-key": "step-0", "steps-0-DELETE": "on"}, ["step-0"]),
    ],
)
def test_steps_may_take_over_each_others_names(admin_client, changes, keys):
    flow = make_flow(send(), send())

    response = save(admin_client, flow, **changes)

    assert response.status_code == 302
    assert [step.key for step in flow.steps.all()] == keys


def test_the_page_of_a_long_flow_asks_no_more_of_the_database(admin_client, django_assert_max_num_queries):
    short, long = make_live_flow(send()), make_live_flow(*(send() for _ in range(8)))
    with django_assert_max_num_queries(60) as first:
        admin_client.get(url(Flow, "change", short.pk))

    with django_assert_max_num_queries(len(first)):
        admin_client.get(url(Flow, "change", long.pk))


def test_a_flow_is_made_from_nothing(admin_client):
    given = make_flow()
    data = filled_in(admin_client.get(url(Flow, "add")))
    chosen = {"trigger": given.trigger_id, "sender": given.sender_id, "topic": given.topic_id}

    admin_client.post(url(Flow, "add"), {**data, **chosen, "name": "Win back", "key": "win-back"})

    flow = Flow.objects.get(key="win-back")
    assert (flow.status, flow.entry_rule, flow.max_event_age) == ("draft", {}, None)
    assert "There are no steps yet. Add at least one." in page(admin_client, flow)


def test_a_flow_that_has_run_keeps_its_name_and_is_not_deleted(admin_client):
    flow, draft = make_live_flow(), make_flow()

    save(admin_client, flow, key="other")
    for one in (flow, draft):
        admin_client.post(url(Flow, "delete", one.pk), {"post": "yes"})

    assert Flow.objects.get().key == flow.key


def test_it_is_seen_who_is_where(admin_client):
    flow = make_live_flow(wait(days=1), send())
    for _ in range(2):
        make_enrollment(flow, step_key="step-1")
    make_enrollment(flow, status="completed", step_key="")

    table = admin_client.get(url(Flow, "change", flow.pk)).context["tables"][0]

    assert table.rows == [["step-1", "v1", "2"]]


def test_pausing_resuming_and_archiving_are_asked_back_first(admin_client):
    flow = make_live_flow()

    asked = admin_client.get(url(Flow, "pause", flow.pk))

    flow.refresh_from_db()
    assert "Pause this flow?" in asked.content.decode()
    assert flow.status == "live"
    for action, status in (("pause", "paused"), ("resume", "live"), ("archive", "archived")):
        press(admin_client, flow, action, reason="prices are wrong")
        flow.refresh_from_db()
        assert flow.status == status


def test_a_button_that_came_too_late_says_so(admin_client):
    flow = make_flow()

    assert said(press(admin_client, flow, "pause", reason="no"))[-1] == "It is not live, so it cannot be paused."
    assert said(press(admin_client, flow, "resume"))[-1] == "It is not paused, so it cannot be resumed."
    press(admin_client, flow, "archive")
    assert said(press(admin_client, flow, "archive"))[-1] == "It is archived already."


def test_htmx_is_told_where_to_go(admin_client):
    flow = make_live_flow()

    fields = {"_form_submitted": "on", "reason": "too many complaints"}
    response = admin_client.post(url(Flow, "pause", flow.pk), fields, headers={"HX-Request": "true"})

    assert (response.status_code, response["HX-Redirect"]) == (200, url(Flow, "change", flow.pk))


def test_whoever_pauses_says_why_and_everybody_can_read_it(admin_client):
    flow = make_live_flow()

    press(admin_client, flow, "pause", reason="")
    flow.refresh_from_db()
    assert flow.status == "live"
    press(admin_client, flow, "pause", reason="prices are wrong")

    flow.refresh_from_db()
    assert (flow.paused_by, flow.paused_reason) == ("root", "prices are wrong")
    assert f'Paused by root, <time datetime="{flow.paused_at:%Y-%m-%dT%H:%M}' in page(admin_client, flow)
    assert "prices are wrong" in page(admin_client, flow)
    assert "root" in admin_client.get(url(Flow, "changelist")).rendered_content
    assert LogEntry.objects.get().change_message == "Paused: prices are wrong"


def test_the_mail_of_the_last_day_is_shown_against_the_flows_own_limits(admin_client):
    sender = make_sender()
    flow, other = make_live_flow(sender=sender), make_live_flow(sender=sender)
    for one, bounced in ((flow, 4), (flow, 4), (other, 50)):
        counts = {"accepted": 100, "hard_bounced": bounced}
        Tally.objects.create(
            account=sender.account, sender=sender, flow=one, hour=timezone.now(), backend=bounced, **counts
        )
    save(admin_client, flow, max_bounce_percent="3.5")

    fares = admin_client.get(url(Flow, "change", flow.pk)).context["tables"][1]

    [[accepted, errors, bounces, _, complaints, *_]] = fares.rows
    assert (accepted, errors, complaints) == ("200", "0: 0 %", "0")
    assert "4 %, over 3.5 %" in bounces


def test_an_action_on_nothing_is_not_found(admin_client):
    for pk in ("999999", "rubbish"):
        assert admin_client.post(url(Flow, "resume", pk), {"_form_submitted": "on"}).status_code == 404


def test_who_may_only_look_cannot_publish_or_pause(client):
    viewer = User.objects.create(username="viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_flow"))
    client.force_login(viewer)
    flow = make_live_flow()

    shown = page(client, flow)
    refused = [press(client, flow, action).status_code for action in ("pause", "resume", "archive")]
    refused.append(client.post(url(Flow, "change", flow.pk), PUBLISH).status_code)

    assert flow.name in shown
    assert "Save and publish" not in shown
    assert refused == [403] * 4


def test_choosing_another_kind_of_trigger_changes_the_event_with_it(admin_client):
    flow = make_live_flow()

    save(admin_client, flow, trigger_kind="segment", trigger_key="big-spenders")

    flow.refresh_from_db()
    assert (flow.trigger_kind, str(flow.trigger), flow.trigger_key) == ("segment", "segment.entered", "big-spenders")

    save(admin_client, flow, trigger_kind="schedule", timing="yearly", date_path="contact.attributes.birthday")

    flow.refresh_from_db()
    assert (flow.trigger_kind, flow.trigger, flow.timing) == ("schedule", None, "yearly")
    assert "Say at what time of day the schedule comes round." in page(admin_client, flow)


def test_every_choice_of_a_trigger_has_its_fields():
    assert set(NEEDED["trigger_kind"]) == {*TriggerKind}
    assert set(NEEDED["timing"]) == {*Timing}
    assert all(fault(rule, date(2026, 1, 1)) == "" for rule in RECURRENCES)
