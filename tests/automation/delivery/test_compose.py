"""From wishes to messages: what is pinned, and what is withheld."""

from datetime import timedelta

import pytest
from django.utils import timezone

from automation.core import wake as wake_module
from automation.core.ids import new_id
from automation.core.lanes import Lane
from automation.delivery.compose import Wish, compose
from automation.models import Message, Route
from tests.factories import (
    make_account,
    make_contact,
    make_enrollment,
    make_event_type,
    make_live_flow,
    make_sender,
    make_template,
    make_topic,
)

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def wish_for(template=None, flow=None, contact=None, event=None, **fields):
    flow = flow or make_live_flow()
    contact = contact or make_contact()
    return Wish(
        **{
            "enrollment_id": new_id(),
            "step_key": "welcome",
            "visit": 1,
            "template_id": (template or make_template()).pk,
            "flow_version": flow.live_version,
            "contact": contact,
            "facts": {"contact": contact.facts(), "event": event or {}},
            **fields,
        }
    )


def composed(*wishes):
    compose(wishes, at=NOW)
    return list(Message.objects.order_by("id"))


def republish(template, **changes):
    old = template.live_version
    parts = {**old.content[""], **changes}
    template.live_version = template.versions.create(
        number=old.number + 1, content={"": parts}, variables=old.variables, source={}, content_hash=str(new_id())
    )
    template.save()


def test_a_wish_becomes_a_queued_message_that_is_due_now():
    template, flow, contact = make_template(), make_live_flow(), make_contact(email="ana@example.com")
    enrollment = make_enrollment(flow, contact)

    [message] = composed(wish_for(template, flow, contact, enrollment_id=enrollment.pk, visit=3))

    assert (message.status, message.reason, message.due_at, message.attempts) == ("queued", "", NOW, 0)
    assert (message.enrollment, message.step_key, message.contact) == (enrollment, "welcome", contact)
    assert message.dedupe_key == f"{enrollment.pk}:welcome:3"
    assert (message.to_email, message.lane, message.topic) == ("ana@example.com", "triggered", flow.topic)
    assert (message.sender, message.account) == (flow.sender, flow.sender.account)
    assert (message.flow_version, message.template_version) == (flow.live_version, template.live_version)


def test_a_wish_that_was_granted_before_is_passed_over():
    wish = wish_for()
    [first] = composed(wish)

    assert composed(wish, wish) == [first]


def test_each_visit_of_a_step_mails_anew():
    wish = wish_for()

    assert len(composed(wish, wish._replace(visit=2), wish._replace(step_key="reminder"))) == 3


def test_the_version_and_values_of_now_are_pinned():
    template = make_template(variables=[{"name": "plan", "path": "contact.attributes.plan"}])
    contact = make_contact(attributes={"plan": "pro"})
    pinned = template.live_version
    [message] = composed(wish_for(template, contact=contact))

    republish(template, subject="new")
    contact.attributes = {"plan": "free"}
    contact.save()

    message.refresh_from_db()
    assert message.template_version == pinned
    assert message.values == {"plan": "pro"}


def test_a_wish_gets_the_version_that_is_live_when_it_is_granted():
    template = make_template()
    wish = wish_for(template)
    republish(template, subject="new")

    [message] = composed(wish)

    assert message.template_version.content[""]["subject"] == "new"


def test_only_declared_values_get_into_the_message():
    template = make_template(
        variables=[
            {"name": "total", "path": "event.payload.total"},
            {"name": "items", "path": "event.payload.items"},
            {"name": "greeting", "path": "contact.attributes.name", "missing": "default", "default": "friend"},
        ]
    )
    contact = make_contact(attributes={"secret": "x"})
    event = {"payload": {"total": 12.5, "items": [{"name": "Hat"}], "card": "4111"}}

    [message] = composed(wish_for(template, contact=contact, event=event))

    assert message.values == {"total": 12.5, "items": [{"name": "Hat"}], "greeting": "friend"}


@pytest.mark.parametrize("attributes", [{}, {"plan": None}, {"plan": " "}])
def test_without_a_value_that_the_mail_needs_it_is_withheld(attributes):
    template = make_template(variables=[{"name": "plan", "path": "contact.attributes.plan"}])

    [message] = composed(wish_for(template, contact=make_contact(attributes=attributes)))

    assert (message.status, message.reason, message.values) == ("withheld", "missing_value: plan", {})


def test_without_an_address_it_is_withheld():
    [message] = composed(wish_for(contact=make_contact(email="")))

    assert (message.status, message.reason) == ("withheld", "no_address")


@pytest.mark.parametrize(("wanted", "language"), [("pt", "pt"), ("pt-BR", "pt"), ("de", ""), ("", "")])
def test_the_contacts_language_is_pinned_as_far_as_the_template_speaks_it(wanted, language):
    template = make_template(languages={"pt": {"subject": "Olá"}})

    [message] = composed(wish_for(template, contact=make_contact(language=wanted)))

    assert message.language == language


def test_a_transactional_flow_makes_transactional_messages_without_a_topic():
    [message] = composed(wish_for(flow=make_live_flow(lane=Lane.TRANSACTIONAL)))

    assert (message.lane, message.topic) == ("transactional", None)


def test_the_account_is_that_of_the_sender_at_this_moment():
    flow = make_live_flow()
    other = make_sender().account
    flow.sender.account = other
    flow.sender.save()

    [message] = composed(wish_for(flow=flow))

    assert message.account == other


def test_a_route_that_fits_decides_on_the_account():
    flow, region = make_live_flow(), {"region": "EU"}
    main, spare = make_account(), make_account()
    Route.objects.create(position=1, account=main, region="EU", topic=flow.topic)
    Route.objects.create(position=2, account=spare, region="EU")

    compose([wish_for(flow=flow, contact=make_contact(**region)), wish_for(flow=flow)], at=NOW)
    assert {(m.contact.region, m.account) for m in Message.objects.all()} == {("EU", main), ("", flow.sender.account)}

    main.status = "paused"
    main.save()
    compose([wish_for(flow=flow, contact=make_contact(**region))], at=NOW)
    assert Message.objects.latest("id").account == spare


def test_a_breaker_that_wants_to_try_is_given_one_message_that_can_be_sent():
    flow = make_live_flow()
    trying = make_account(trips=1, open_until=timezone.now() - timedelta(seconds=1))
    Route.objects.create(position=1, account=trying)
    Route.objects.create(position=2, account=make_account())
    wishes = [wish_for(flow=flow, contact=make_contact(email="")), *(wish_for(flow=flow) for _ in range(3))]

    compose(wishes, at=NOW)

    assert Message.objects.filter(account=trying, status="queued").count() == 1


@pytest.mark.parametrize("count", [1, 50])
def test_routes_cost_one_statement_whatever_the_batch(count, django_assert_num_queries):
    flow, template = make_live_flow(), make_template()
    Route.objects.create(account=make_account())
    compose([wish_for(template, flow)], at=NOW)
    wishes = [wish_for(template, flow) for _ in range(count)]

    with django_assert_num_queries(3):
        compose(wishes, at=NOW)


def test_without_wishes_there_is_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        compose([], at=NOW)


@pytest.mark.parametrize("count", [1, 50])
def test_the_number_of_statements_does_not_depend_on_the_batch(count, django_assert_num_queries):
    flow, template = make_live_flow(), make_template()
    compose([wish_for(template, flow)], at=NOW)  # Reads the template version, once in a process.
    wishes = [wish_for(template, flow) for _ in range(count)]

    with django_assert_num_queries(2):
        compose(wishes, at=NOW)

    assert Message.objects.count() == count + 1


def test_what_was_queued_wakes_its_lanes_and_what_is_withheld_wakes_nobody(
    settings, monkeypatch, django_capture_on_commit_callbacks
):
    settings.WAKE = True
    called = []
    monkeypatch.setattr(wake_module._caller, "call_soon", called.append)
    kind, sender, topic = make_event_type(), make_sender(), make_topic()
    bulk = make_live_flow(lane=Lane.BULK, trigger=kind, sender=sender, topic=topic)
    triggered = make_live_flow(trigger=kind, sender=sender, topic=topic)
    unreachable = make_contact(email="")

    with django_capture_on_commit_callbacks(execute=True):
        compose([wish_for(flow=triggered, contact=unreachable), *(wish_for(flow=bulk) for _ in range(3))], at=NOW)

    assert called == ["automation.deliver.bulk"]


def test_messages_are_due_at_the_time_that_was_given():
    later = NOW + timedelta(hours=1)

    compose([wish_for()], at=later)

    assert Message.objects.get().due_at == later
