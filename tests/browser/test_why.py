"""A marketer looks up why somebody got nothing."""

import os

import pytest
from playwright.sync_api import Page, expect

from automation.enrollments.react import react_to_due_events
from tests.factories import make_contact, make_event, make_live_flow

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_the_contact_one_learns_which_check_kept_it_out_and_what_was_seen(page: Page):
    rule = {"field": "event.payload.total", "op": "gte", "value": 50}
    flow, contact = make_live_flow(entry_rule=rule, name="Big carts"), make_contact(external_id="u-1")
    make_event(flow.trigger, contact, payload={"total": 20})
    react_to_due_events()
    page.goto(f"/admin/automation/contact/{contact.pk}/change/")

    page.get_by_role("link", name="Why, or why not?").click()
    page.get_by_label("Flow").select_option(label="Big carts")
    page.get_by_role("button", name="Ask").press("Enter")

    expect(page.get_by_role("cell", name="the entry rule says no").first).to_be_visible()
    expect(page.locator("body")).to_contain_text("(was 20)")
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/why.png", full_page=True)
