"""Mail of a domain that is warming up is held from the moment it is composed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from automation.core import wake as wake_module
from automation.core.ids import new_id
from automation.delivery.compose import Wish, compose
from automation.delivery.warmup.hold import TASK
from automation.models import Message, Route
from tests.factories import make_account, make_contact, make_live_flow, make_plan, make_sender, make_template

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def woken(settings, monkeypatch, django_capture_on_commit_callbacks):
    """Compose, commit, and say which pumps were woken."""
    settings.WAKE = True
    calls: list[str] = []
    monkeypatch.setattr(wake_module._caller, "call_soon", calls.append)

    def compose_and_commit(*wishes):
        calls.clear()
        with django_capture_on_commit_callbacks(execute=True):
            compose(wishes, at=NOW)
        return sorted(calls)

    return compose_and_commit


def flow_from(email="shop@example.com", account=None, **fields):
    return make_live_flow(sender=make_sender(account, email=email), **fields)


def wish_for(flow, contact=None):
    contact = contact or make_contact()
    return Wish(
        enrollment_id=new_id(),
        step_key="welcome",
        visit=1,
        template_id=make_template().pk,
        flow_version=flow.live_version,
        contact=contact,
        facts={"contact": contact.facts(), "event": {}},
    )


def composed(*wishes):
    compose(wishes, at=NOW)
    return Message.objects.get(dedupe_key__startswith=str(wishes[-1].enrollment_id))


@pytest.mark.parametrize("status", ["running", "frozen"])
@pytest.mark.parametrize("lane", ["triggered", "bulk"])
def test_mail_under_a_plan_is_held_with_its_contacts_engagement(status, lane):
    account, contact = make_account(), make_contact(engaged_at=NOW - timedelta(days=1))
    make_plan(account=account, status=status)

    message = composed(wish_for(flow_from("Shop@EXAMPLE.com", account, lane=lane), contact))

    assert (message.status, message.reason, message.engaged_at) == ("held", "warming_up", contact.engaged_at)


def test_transactional_mail_is_queued():
    account = make_account()
    make_plan(account=account)

    message = composed(wish_for(flow_from(account=account, lane="transactional")))

    assert (message.status, message.reason, message.engaged_at) == ("queued", "", None)


def test_mail_under_no_unfinished_plan_is_queued():
    account = make_account()
    make_plan(account=account, status="done")
    make_plan(account=account, domain="mail.example.com")
    make_plan()

    assert composed(wish_for(flow_from(account=account))).status == "queued"


def test_the_account_that_a_route_leads_to_decides():
    account = make_account()
    make_plan(account=account)
    Route.objects.create(account=account)

    message = composed(wish_for(flow_from()))

    assert (message.account, message.status) == (account, "held")


def test_what_cannot_be_sent_is_withheld_not_held():
    account = make_account()
    make_plan(account=account)

    assert composed(wish_for(flow_from(account=account), make_contact(email=""))).status == "withheld"


def test_the_release_is_woken_while_there_may_be_room(woken):
    account = make_account()
    plan = make_plan(account=account)
    wish = wish_for(flow_from(account=account))

    assert woken(wish) == [TASK]

    plan.full_until = timezone.now() + timedelta(minutes=5)
    plan.save()
    assert woken(wish) == []


def test_nobody_wakes_a_frozen_plan_or_one_that_holds_nothing(woken):
    account = make_account()
    plan = make_plan(account=account)
    assert woken(wish_for(flow_from())) == ["automation.deliver.triggered"]

    plan.status = "frozen"
    plan.save()
    assert woken(wish_for(flow_from(account=account))) == []


def test_plans_cost_one_statement_for_a_batch_of_any_size(django_assert_num_queries):
    account = make_account()
    flow = flow_from(account=account)
    compose([wish_for(flow)], at=NOW)
    wishes = [wish_for(flow) for _ in range(5)]
    Message.objects.all().delete()

    with django_assert_num_queries(2 + len(wishes)):  # Each has a template of its own, read once in a process.
        compose(wishes, at=NOW)
    make_plan(account=account)
    with django_assert_num_queries(3):
        compose(wishes, at=NOW)
