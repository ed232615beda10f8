"""A marketer changes a flow that people are walking, sees what publishing will do, and says what becomes of them."""

import os

import pytest
from playwright.sync_api import Page, expect

from automation.enrollments.migration_plan import MigrationPlan
from automation.flows.models import Flow
from tests.automation.enrollments.moving import make_changed_flow, make_waiting, move_everybody, place_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def flow() -> Flow:
    flow = make_changed_flow()
    Flow.objects.update(name="Win back", entry_rule={"field": "contact.language", "op": "eq", "value": "de"})
    return flow


def test_people_are_moved_with_the_keyboard_alone(page: Page, flow: Flow):
    enrollment = make_waiting(flow)
    page.goto(f"/admin/automation/flow/{flow.pk}/change/")
    page.get_by_role("button", name="Save and publish").press("Enter")

    changed = page.get_by_role("region", name="Steps that change")
    expect(changed.get_by_role("row", name="gift new")).to_be_visible()
    expect(changed.get_by_role("row", name="offer gone")).to_be_visible()
    expect(page.get_by_role("region", name="Settings that change")).to_contain_text("contact.language is “de”")
    choice = page.get_by_label("What becomes of the 1 who wait for “offer” in v1")
    expect(choice.locator("option:checked")).to_have_text("Stay on v1")
    choice.focus()
    for _ in ("welcome", "pause", "gift"):
        page.keyboard.press("ArrowDown")
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/plan.png", full_page=True)
    page.get_by_role("button", name="Publish").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_text("v2 of “Win back” is live.")).to_be_visible()
    assert move_everybody() == 1
    assert place_of(enrollment)[2] == "gift"


def test_going_back_to_the_draft_publishes_nothing(page: Page, flow: Flow):
    make_waiting(flow)
    page.goto(f"/admin/automation/flow/{flow.pk}/change/")
    page.get_by_role("button", name="Save and publish").click()

    page.get_by_role("link", name="Back to the draft").click()

    expect(page.get_by_text("The draft below differs from it:")).to_be_visible()
    assert not MigrationPlan.objects.exists()
    assert flow.versions.count() == 1
