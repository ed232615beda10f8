"""A marketer tries a draft on somebody before publishing it."""

import os
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from automation.models import Enrollment, Message
from tests.factories import make_cap, make_event_type, make_flow, make_template, send, wait

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
    happens.wait_for()
    expect(_line(page, "until Tue 2026-03-31 09:00 Europe/Lisbon (2026-03-31 08:00 UTC)")).to_contain_text("step-2")
    expect(happens).to_contain_text("Your lamp")
    expect(page.frame_locator("iframe").get_by_text("Thanks for the lamp")).to_be_visible()
    page.locator("iframe").scroll_into_view_if_needed()
    _shoot(page, "simulate")
    assert not Enrollment.objects.exists()
    assert not Message.objects.exists()


def test_it_is_shown_what_a_cap_holds_up_and_what_a_late_wait_passes_over(page: Page):
    make_cap(name="One a week", patience=timedelta(days=1))
    template = make_template(subject="Still there?")
    flow = make_flow(
        send(template),
        {**wait(days=3), "key": "pause"},
        send(template, key="reminder"),
        wait(days=3, hours=12),
        send(template, key="farewell"),
        name="Win back",
        late_policy="skip",
    )
    page.goto(f"/admin/automation/flow/{flow.pk}/simulate")
    page.get_by_label("From").fill("2026-03-27 12:00")
    page.get_by_role("button", name="Simulate").press("Enter")

    page.get_by_role("region", name="What would happen").wait_for()
    expect(_line(page, "Mail “reminder”")).to_contain_text("would be withheld")
    expect(_line(page, "Mail “reminder”")).to_contain_text(
        "as many mails as the frequency cap allows: One a week. There is room again on Fri 2026-04-03 12:00 UTC"
    )
    farewell = _line(page, "Mail “farewell”")
    expect(farewell).to_contain_text("would go out on Fri 2026-04-03 12:00 UTC")
    expect(farewell).to_contain_text("The steps that follow do not wait for this mail.")
    _shoot(page, "simulate-caps")

    page.get_by_role("group", name="The first wait ends late by").get_by_label("How many").fill("7")
    page.get_by_role("button", name="Simulate").press("Enter")

    _line(page, "the wait ends only now").wait_for()
    expect(_line(page, "the wait ends only now")).to_contain_text("Mon 2026-03-30 19:00 UTC")
    expect(_line(page, "Step “reminder”")).to_contain_text("passed over: too late")
    expect(_line(page, "Mail “reminder”")).to_have_count(0)
    _shoot(page, "simulate-late")


def _line(page: Page, text: str) -> Locator:
    return page.locator(".timeline > li").filter(has_text=text)


def _shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
