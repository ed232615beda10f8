"""The pages of schedules: whom a draft would enter, how far a time has come, and the buttons that hold it."""

from datetime import UTC, datetime
from html import unescape

import pytest
import time_machine
from django.test import Client

from automation.enrollments.schedule import enter as pump
from automation.enrollments.schedule.enter import enter_scheduled_contacts
from automation.models import Flow, Occurrence
from tests.automation.admin.pages import press, said, url
from tests.automation.enrollments.schedule.scheduled import make_contacts, make_scheduled_flow

pytestmark = pytest.mark.django_db
BEFORE = datetime(2026, 11, 24, 12, tzinfo=UTC)
NINE = datetime(2026, 12, 1, 8, tzinfo=UTC)


def page(client: Client, model: type, pk: int) -> str:
    return " ".join(unescape(client.get(url(model, "change", pk)).content.decode()).split())


@pytest.fixture
def running(monkeypatch) -> Occurrence:
    monkeypatch.setattr(pump, "CHUNK", 10)
    make_contacts(40)
    make_scheduled_flow(published_at=BEFORE)
    with time_machine.travel(NINE, tick=False):
        enter_scheduled_contacts()
    return Occurrence.objects.get()


def test_the_page_of_a_flow_says_whom_its_draft_would_enter(admin_client):
    make_contacts(3, region="EU")
    make_contacts(2, region="US")
    rule = {"field": "contact.region", "op": "eq", "value": "EU"}
    flow = make_scheduled_flow(published_at=BEFORE, for_everybody=False, entry_rule=rule)

    with time_machine.travel(BEFORE, tick=False):
        tables = admin_client.get(url(Flow, "change", flow.pk)).context["tables"]

    assert (tables[0].title, tables[0].rows) == ("As the draft stands", [["2026-12-01 09:00", "3"]])
    with time_machine.travel(datetime(2026, 12, 2, tzinfo=UTC), tick=False):
        assert "it would enter nobody" in page(admin_client, Flow, flow.pk)


def test_a_draft_with_faults_foresees_nothing(admin_client):
    flow = make_scheduled_flow(published_at=BEFORE)
    Flow.objects.filter(pk=flow.pk).update(clock=None)

    assert "As the draft stands" not in page(admin_client, Flow, flow.pk)


def test_a_time_says_how_far_it_has_come(admin_client, running):
    with time_machine.travel(NINE.replace(minute=1), tick=False):
        shown = page(admin_client, Occurrence, running.pk)

    assert "10 of 40 (25 %)" in shown
    assert "in about 3 minutes" in shown
    assert "10 of 40 (25 %)" in page(admin_client, Flow, running.flow_id)


def test_its_buttons_hold_it_let_it_go_on_and_end_it(admin_client, running):
    for button, told, status in [
        ("pause", "Paused.", "paused"),
        ("pause", "Nothing was changed: it has moved on meanwhile.", "paused"),
        ("resume", "Resumed.", "running"),
        ("stop", "Stopped.", "stopped"),
    ]:
        response = press(admin_client, running, button)

        running.refresh_from_db()
        assert (said(response)[-1], running.status) == (told, status)
    assert running.reason == "Stopped by root."
