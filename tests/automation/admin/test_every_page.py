"""Every model's pages answer, with rows and without; and no list asks more of the database when it is longer."""

import os
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from pytest_django import DjangoAssertNumQueries

from automation.api.keys import make_key
from automation.api.models import ApiKey, Scope
from automation.core.ids import new_id
from automation.enrollments.models import StepRun
from automation.models import (
    Attempt,
    Contact,
    DoubleOptIn,
    Enrollment,
    EspAccount,
    Event,
    EventType,
    Flow,
    FlowVersion,
    FrequencyCap,
    HookCall,
    HouseRules,
    Message,
    Occurrence,
    Route,
    Segment,
    SenderIdentity,
    WarmupPlan,
)
from suppression.models import Brand, Consent, ListImport, RegionRule, Suppression, Topic
from templates_app.models import Block, Template, TemplateVersion
from tests import factories
from tests.suppression.factories import make_consent, make_suppression
from webhooks.models import InboxEvent

pytestmark = pytest.mark.django_db
_numbers = count(1)


def make_decided_event() -> Event:
    flow = factories.make_live_flow(entry_rule={"all": [{"field": "contact.region", "op": "eq", "value": "EU"}]})
    decision = {"flow": flow.pk, "version": 1, "verdict": "rule_false", "entry_key": ""}
    trace = {
        "all": [{"field": "contact.region", "op": "eq", "value": "EU", "seen": "US", "result": False}],
        "result": False,
    }
    return factories.make_event(flow.trigger, status="decided", decisions=[{**decision, "seen": trace}])


def make_occurrence() -> Occurrence:
    version = factories.make_live_flow().versions.get()
    wall = f"2026-12-01T09:{next(_numbers) % 60:02}"
    return Occurrence.objects.create(flow=version.flow, flow_version=version, wall_time=wall)


def make_walked_enrollment() -> Enrollment:
    enrollment = factories.make_enrollment()
    StepRun.objects.create(enrollment=enrollment, step_key="step-0", visit=1, result={"kind": "send", "next": None})
    factories.make_message(dedupe_key=f"{enrollment.pk}:step-0:1", flow_version=enrollment.flow_version)
    return enrollment


def make_attempted_message() -> Message:
    enrollment = factories.make_enrollment()
    message = factories.make_message(
        enrollment=enrollment, flow_version=enrollment.flow_version, contact=enrollment.contact, reason="no_address"
    )
    now = timezone.now()
    Attempt.objects.create(
        message=message, number=1, account=message.account, outcome="unknown", began_at=now, ended_at=now
    )
    return message


def make_busy_contact() -> Contact:
    contact = factories.make_contact()
    factories.make_enrollment(contact=contact)
    factories.make_message(contact=contact)
    return contact


def make_flow_version() -> FlowVersion:
    flow: Flow = factories.make_live_flow()
    return flow.versions.get()


def make_template_version() -> TemplateVersion:
    template: Template = factories.make_template()
    return template.versions.get()


def make_inbox_event() -> InboxEvent:
    return InboxEvent.objects.create(
        account=factories.make_account(), dedupe_key=os.urandom(32), content_type="application/json", body=b'{"a": 1}'
    )


def make_periodic_task() -> PeriodicTask:
    every, _ = IntervalSchedule.objects.get_or_create(every=2, period="seconds")
    return PeriodicTask.objects.create(name=str(uuid4()), task="automation.react", interval=every)


def make_hook_call() -> HookCall:
    enrollment = factories.make_enrollment()
    call = {"contact": enrollment.contact, "flow": enrollment.flow, "url": "https://example.com/", "body": "{}"}
    return HookCall.objects.create(enrollment=enrollment, dedupe_key=str(uuid4()), status="set_aside", **call)


MAKE: dict[type[Model], Callable[[], Model]] = {
    ApiKey: lambda: make_key(name="shop", scopes=[Scope.EVENTS_WRITE])[0],
    Brand: lambda: Brand.objects.update_or_create(id=1, defaults={"name": "Shop"})[0],
    DoubleOptIn: lambda: DoubleOptIn.objects.get_or_create(
        defaults={"template": factories.make_template(), "sender": factories.make_sender()}
    )[0],
    ListImport: lambda: ListImport.objects.create(name="Old list", format="any"),
    RegionRule: lambda: RegionRule.objects.create(region=f"R{next(_numbers)}"),
    Block: lambda: Block.objects.create(key=str(uuid4()), name="Footer", source="<p>Bye</p>"),
    ClockedSchedule: lambda: ClockedSchedule.objects.create(clocked_time=timezone.now()),
    Consent: lambda: make_consent(topic=factories.make_topic()),
    Contact: make_busy_contact,
    CrontabSchedule: CrontabSchedule.objects.create,
    Enrollment: make_walked_enrollment,
    EspAccount: factories.make_account,
    Event: make_decided_event,
    EventType: factories.make_event_type,
    Flow: factories.make_live_flow,
    FlowVersion: make_flow_version,
    FrequencyCap: lambda: FrequencyCap.objects.create(name=str(uuid4()), limit=3, topic=factories.make_topic()),
    HookCall: make_hook_call,
    Segment: lambda: factories.make_segment({"field": "contact.region", "op": "eq", "value": "EU"}),
    HouseRules: HouseRules.objects.create,
    Occurrence: make_occurrence,
    Group: lambda: Group.objects.create(name=str(uuid4())),
    InboxEvent: make_inbox_event,
    IntervalSchedule: lambda: IntervalSchedule.objects.create(every=3, period="seconds"),
    Message: make_attempted_message,
    PeriodicTask: make_periodic_task,
    Route: lambda: Route.objects.create(topic=factories.make_topic(), account=factories.make_account()),
    SenderIdentity: factories.make_sender,
    SolarSchedule: lambda: SolarSchedule.objects.create(event="sunset", latitude=1, longitude=next(_numbers)),
    Suppression: lambda: make_suppression(address_hash=os.urandom(32)),
    Template: factories.make_template,
    TemplateVersion: make_template_version,
    Topic: factories.make_topic,
    User: lambda: User.objects.create_user(str(uuid4())),
    WarmupPlan: factories.make_plan,
}
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
# Of the house rules there is one row, whose page stands for the list (test_calendar.py).
every_list = pytest.mark.parametrize(
    "model",
    [model for model in MODELS if model not in {Brand, DoubleOptIn, HouseRules}],
    ids=lambda model: model._meta.label,
)


def url(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def may(model: type[Model], what: str, client: Client) -> bool:
    request = client.get("/admin/").wsgi_request
    return bool(getattr(admin.site._registry[model], f"has_{what}_permission")(request))


def test_every_model_of_the_admin_is_tried_here() -> None:
    assert set(MODELS) == set(MAKE)


@every_list
def test_a_list_without_rows_answers(model: type[Model], admin_client: Client) -> None:
    model._default_manager.exclude(pk=admin_client.session.get("_auth_user_id") if model is User else None).delete()

    assert admin_client.get(url(model, "changelist")).status_code == 200


@every_list
def test_a_list_with_rows_answers_and_a_longer_one_asks_no_more(
    model: type[Model], admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    MAKE[model]()
    with django_assert_max_num_queries(100) as first:
        shorter = admin_client.get(url(model, "changelist"))
    for _ in range(3):
        MAKE[model]()

    with django_assert_max_num_queries(len(first)):
        longer = admin_client.get(url(model, "changelist"))

    assert (shorter.status_code, longer.status_code) == (200, 200)
    assert len(longer.context["cl"].result_list) >= len(shorter.context["cl"].result_list) + 3


@every_model
def test_a_row_has_a_page(model: type[Model], admin_client: Client) -> None:
    row = MAKE[model]()

    assert admin_client.get(url(model, "change", row.pk)).status_code == 200
    assert admin_client.get(url(model, "history", row.pk)).status_code == 200


@every_model
def test_a_row_is_added_on_a_page_or_not_at_all(model: type[Model], admin_client: Client) -> None:
    expected = 200 if may(model, "add", admin_client) else 403

    assert admin_client.get(url(model, "add")).status_code == expected


@every_list
def test_a_search_answers(model: type[Model], admin_client: Client) -> None:
    MAKE[model]()

    for typed in ("ana", "ana@example.com", str(new_id()), "\0", "%", "x" * 500):
        assert admin_client.get(url(model, "changelist"), {"q": typed}).status_code == 200


@every_model
def test_a_page_of_nothing_is_not_found(model: type[Model], admin_client: Client) -> None:
    for pk in ("999999", "rubbish", str(new_id())):
        assert admin_client.get(url(model, "change", pk)).status_code == 302  # To the list, with a message.


LOGS = [Enrollment, Event, Message, InboxEvent, FlowVersion, TemplateVersion, Consent]


@pytest.mark.parametrize("model", LOGS, ids=lambda model: model._meta.label)
def test_a_log_is_only_read(model: type[Model], admin_client: Client) -> None:
    row = MAKE[model]()

    assert admin_client.post(url(model, "change", row.pk), {}).status_code == 403
    assert admin_client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=row.pk).exists()


def test_who_may_do_nothing_sees_no_lists(client: Client) -> None:
    client.force_login(User.objects.create_user("nobody", is_staff=True))

    page = client.get("/admin/").content.decode()

    assert "What waits for a worker" in page
    assert "/admin/automation/" not in page
