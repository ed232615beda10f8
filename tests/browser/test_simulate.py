"""A marketer tries a draft on somebody before publishing it."""

import os

import pytest
from playwright.sync_api import Page, expect

from automation.models import Enrollment, Message
from tests.factories import make_event_type, make_flow, make_template, send, wait

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_draft_is_tried_on_somebody_made_up(page: Page):
    template = make_template(
        subject="Your {{ item }}",
        html="<p>Thanks for the {{ item }}</p>",
        variables=[{"name": "item", "path": "event.payload.item"}],
    )
    rule = {"field": "contact.language", "op": "eq", "value": "pt"}
    branch = {"kind": "branch", "rule": rule, "next_key": "step-2", "else_key": "step-3"}
    clock = {"kind": "wait_time", "options": {"clock": "09:00", "weekdays": []}}
    ordered = make_event_type(sample={"item": "lamp"})
    flow = make_flow(wait(days=3), branch, clock, send(template), name="Thanks", trigger=ordered)
    page.goto(f"/admin/automation/flow/{flow.pk}/change/")

    page.get_by_role("link", name="Simulate").click()
    expect(page.get_by_label("What the event says")).to_have_value('{\n  "item": "lamp"\n}')
    page.get_by_label("Language").fill("pt")
    page.get_by_label("Time zone").fill("Europe/Lisbon")
    page.get_by_label("From").fill("2026-03-27 12:00")
    page.get_by_role("button", name="Simulate").press("Enter")

    happens = page.get_by_role("region", name="What would happen")
    expect(happens.get_by_role("listitem").filter(has_text="Step “step-2”").first).to_contain_text(
        "until Tue 2026-03-31 09:00 Europe/Lisbon (2026-03-31 08:00 UTC)"
    )
    expect(happens).to_contain_text("Your lamp")
    expect(page.frame_locator("iframe").get_by_text("Thanks for the lamp")).to_be_visible()
    page.locator("iframe").scroll_into_view_if_needed()
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/simulate.png")
    assert not Enrollment.objects.exists()
    assert not Message.objects.exists()
