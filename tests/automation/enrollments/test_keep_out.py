"""Events of people whose home is elsewhere."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.enrollments.react import react, react_to_due_events
from automation.models import Contact, Enrollment, Event
from tests.factories import make_contact, make_event, make_live_flow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(settings):
    settings.DEPLOYMENT_REGIONS = ["EU"]


@pytest.fixture
def abroad():
    return make_contact(region="US-CA")


def stands(event: Event) -> tuple[str, str]:
    event.refresh_from_db()
    return event.status, event.failure.partition(":")[0]


def test_they_are_set_aside_and_nothing_is_decided_on_them(abroad):
    event = make_event(make_live_flow().trigger, abroad)

    react_to_due_events()

    assert stands(event) == ("set_aside", "residency")
    assert event.decisions == []
    assert not Enrollment.objects.exists()


def test_they_hold_up_nobody_elses(abroad):
    flow = make_live_flow()
    make_event(flow.trigger, abroad)
    for region in ("EU", "EU-DE", ""):
        make_event(flow.trigger, make_contact(region=region))

    react_to_due_events()

    assert sorted(Event.objects.values_list("status", "contact__region")) == [
        ("decided", ""),
        ("decided", "EU"),
        ("decided", "EU-DE"),
        ("set_aside", "US-CA"),
    ]
    assert Enrollment.objects.count() == 3


def test_whoever_is_at_home_by_now_is_decided_on_when_it_is_tried_again(abroad):
    event = make_event(make_live_flow().trigger, abroad)
    react_to_due_events()

    Event.objects.update(status="new", failure="")
    react_to_due_events()
    still_abroad = stands(event)
    Contact.objects.update(region="EU")
    Event.objects.update(status="new", failure="")
    react_to_due_events()

    assert still_abroad == ("set_aside", "residency")
    assert stands(event) == ("decided", "")
    assert Enrollment.objects.count() == 1


def test_it_costs_nothing_while_nobody_is_abroad_and_one_statement_for_all_who_are(abroad, settings):
    flow = make_live_flow()

    def statements(*contacts, regions):
        settings.DEPLOYMENT_REGIONS = regions
        events = [make_event(flow.trigger, contact) for contact in contacts]
        with CaptureQueriesContext(connection) as made:
            react(Event.objects.filter(pk__in=[event.pk for event in events]), at=timezone.now())
        return len(made)

    def at_home():
        return [make_contact(region="EU") for _ in range(3)]

    statements(*at_home(), regions=[])  # What is read once and kept.
    anywhere = statements(*at_home(), regions=[])
    assert statements(*at_home(), regions=["EU"]) == anywhere
    assert statements(*at_home(), abroad, make_contact(region="US"), regions=["EU"]) == anywhere + 1
