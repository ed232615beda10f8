"""What the page before publishing shows, and what it does."""

from html import unescape

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from automation.flows.models import Flow, Step
from automation.models import FlowVersion, MigrationPlan
from tests.automation.admin.pages import said, save, url
from tests.automation.enrollments.moving import make_changed_flow, make_waiting, move_everybody, place_of
from tests.factories import make_event_type, make_flow, make_live_flow, make_template, send, wait

pytestmark = pytest.mark.django_db
PUBLISH = {"_publish": "Save and publish"}


def publishing(flow: Flow) -> str:
    return reverse("admin:automation_flow_publish", args=[flow.pk])


def shown(client: Client, flow: Flow) -> str:
    return " ".join(unescape(client.get(publishing(flow)).content.decode()).split())


def confirm(client: Client, flow: Flow, **choices: str) -> object:
    looked_at = client.get(publishing(flow)).context["form"]["looked_at"].value()
    return client.post(publishing(flow), {"looked_at": looked_at, **choices})


def rows_of(client: Client, flow: Flow, title: str) -> list[list[str]]:
    tables = client.get(publishing(flow)).context["tables"]
    [table] = [one for one in tables if one.title == title]
    return [[str(cell) for cell in row] for row in table.rows]


def test_what_never_ran_is_published_without_asking_back(admin_client):
    flow = make_flow()

    save(admin_client, flow, **PUBLISH)

    flow.refresh_from_db()
    assert flow.status == "live"


def test_what_is_live_is_not_changed_before_it_was_confirmed(admin_client):
    flow = make_changed_flow()

    response = save(admin_client, flow, **PUBLISH)

    assert response.url == publishing(flow)
    flow.refresh_from_db()
    assert flow.live_version.number == 1


def test_each_step_that_changes_is_shown_as_it_was_and_as_it_will_be(admin_client):
    flow = make_live_flow(send(key="hi"), {**wait(days=1), "key": "pause"}, send(key="offer"), send(key="bye"))
    Step.objects.filter(flow=flow, key="pause").update(wait_for="2:00:00")
    Step.objects.filter(flow=flow, key="bye").delete()
    Step.objects.create(flow=flow, key="gift", position=9, **send(make_template(name="Our gift")))

    rows = rows_of(admin_client, flow, "Steps that change")

    words = [(key, change.split(">")[1].split("<")[0].strip()) for key, change, _, _ in rows]
    assert words == [("pause", "changed"), ("offer", "changed"), ("gift", "new"), ("bye", "gone")]
    pause, offer, gift, _ = rows
    assert "1 day" in pause[2]
    assert "2 hours" in pause[3]
    assert "then bye" in offer[2]
    assert "then gift" in offer[3]
    assert (gift[2], "Our gift" in gift[3]) == ("-", True)


def test_settings_that_change_are_shown_and_no_others(admin_client):
    flow = make_live_flow()
    flow.entry_rule = {"field": "contact.language", "op": "eq", "value": "de"}
    flow.rollout_percent = 25
    flow.save()

    rows = rows_of(admin_client, flow, "Settings that change")

    assert [row[0] for row in rows] == ["Only if", "Rollout"]
    assert [row[1] for row in rows] == ["everybody", "100 %"]
    assert "contact.language is “de”" in rows[0][2]
    assert rows[1][2] == "25 %"


def test_who_waits_where_is_shown_and_moved_as_chosen(admin_client):
    flow = make_changed_flow()
    moved, left = make_waiting(flow), make_waiting(flow, step_key="pause")
    [choice, other] = [field.html_name for _, field in admin_client.get(publishing(flow)).context["form"].rows()]

    response = confirm(admin_client, flow, **{choice: "move:gift", other: "leave"})
    move_everybody()

    assert said(response)[0] == f"v2 of “{flow}” is live."
    assert place_of(moved)[2] == "gift"
    assert place_of(left)[1] == "left"
    assert set(MigrationPlan.objects.values_list("planned_by__username", flat=True)) == {"root"}


def test_everybody_stays_unless_something_else_is_chosen(admin_client):
    flow = make_changed_flow()
    enrollment = make_waiting(flow)
    before = place_of(enrollment)

    confirm(admin_client, flow)
    move_everybody()

    assert place_of(enrollment) == before
    assert FlowVersion.objects.filter(flow=flow).count() == 2


def test_a_draft_that_was_changed_meanwhile_is_shown_again_and_not_published(admin_client):
    flow = make_changed_flow()
    looked_at = admin_client.get(publishing(flow)).context["form"]["looked_at"].value()
    Step.objects.filter(flow=flow, key="gift").update(key="present")

    response = admin_client.post(publishing(flow), {"looked_at": looked_at})

    assert "The draft has been changed meanwhile" in response.content.decode()
    assert "present" in response.content.decode()
    assert FlowVersion.objects.filter(flow=flow).count() == 1


def test_another_goal_is_a_setting_that_changes(admin_client):
    flow = make_live_flow()
    Flow.objects.filter(pk=flow.pk).update(goal_event=make_event_type(name="OrderCompleted"))

    assert rows_of(admin_client, flow, "Settings that change") == [["Goal", "-", "OrderCompleted"]]


def test_those_in_older_versions_can_be_moved_though_the_draft_is_what_is_live(admin_client):
    flow = make_changed_flow()
    enrollment = make_waiting(flow)
    confirm(admin_client, flow)

    assert save(admin_client, flow, **PUBLISH).url == publishing(flow)
    [field] = [field.html_name for _, field in admin_client.get(publishing(flow)).context["form"].rows()]
    confirm(admin_client, flow, **{field: "move:gift"})
    move_everybody()

    assert place_of(enrollment)[2] == "gift"
    assert FlowVersion.objects.filter(flow=flow).count() == 2


def test_a_move_that_is_under_way_is_told(admin_client):
    flow = make_changed_flow()
    make_waiting(flow)
    [field] = [field.html_name for _, field in admin_client.get(publishing(flow)).context["form"].rows()]
    confirm(admin_client, flow, **{field: "move:gift"})

    assert "those who wait for “offer” in v1 go on with “gift” in v2." in shown(admin_client, flow)


def test_a_draft_with_faults_leads_back_to_where_they_are_told(admin_client):
    flow = make_changed_flow()
    Step.objects.filter(flow=flow, key="gift").update(template=None)

    assert admin_client.get(publishing(flow)).url == url(Flow, "change", flow.pk)


def test_who_may_only_look_cannot_publish(client):
    ana = User.objects.create_user("ana", is_staff=True)
    ana.user_permissions.set(Permission.objects.filter(codename="view_flow"))
    client.force_login(ana)

    assert client.get(publishing(make_changed_flow())).status_code == 403


def test_the_number_of_statements_depends_on_neither_steps_nor_people(admin_client, django_assert_max_num_queries):
    flow = make_live_flow(*[send() for _ in range(12)])
    for n in range(12):
        make_waiting(flow, step_key=f"step-{n}")
    flow.steps.update(next_key="step-11")
    flow.steps.filter(key="step-11").update(next_key="")
    flow.steps.exclude(key__in=["step-0", "step-11"]).delete()

    with django_assert_max_num_queries(20):
        admin_client.get(publishing(flow))
