"""What an operator sees of a warm-up: its state in a sentence, its charts, and a way to thaw it."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from automation.delivery.warmup.presets import Preset, days
from automation.models import Tally, WarmupPlan
from tests.factories import make_account, make_message, make_plan, make_sender

pytestmark = pytest.mark.django_db(transaction=True)


def make_plan_under_way() -> WarmupPlan:
    """On day 9 of SendGrid's table, with bounces that have just frozen it."""
    account = make_account(key="main")
    sender = make_sender(account)
    start = (timezone.now() - timedelta(days=8)).replace(minute=0, second=0, microsecond=0)
    table = days(Preset.SENDGRID, target=0)
    plan = make_plan(
        *table,
        account=account,
        started_at=start,
        last_used_at=timezone.now(),
        status="frozen",
        frozen_reason="hard bounces: 21 of 600 mails, 3.50 %, on day 9; the plan allows 3 %",
    )
    for day in range(9):
        accepted = 600 if day == 8 else table[day].daily * 3 // 4
        Tally.objects.create(
            hour=start + timedelta(days=day),
            account=account,
            sender=sender,
            backend=1,
            accepted=accepted,
            hard_bounced=21 if day == 8 else accepted // 90,
            complained=accepted // 2_000,
        )
    for _ in range(3):
        make_message(account=account, sender=sender, status="held", reason="warming_up")
    return plan


def test_a_frozen_plan_is_looked_at_and_resumed(page: Page):
    plan = make_plan_under_way()
    page.locator("#nav-sidebar-apps").get_by_text("Warm-ups", exact=True).click()
    page.get_by_role("link", name="example.com").click()

    expect(page.get_by_text("The warm-up of example.com is frozen")).to_be_visible()
    expect(page.locator("canvas.chart")).to_have_count(2)
    drawn = page.locator("canvas.chart").evaluate_all(
        "all => all.map(one => one.getContext('2d').getImageData(0, 0, one.width, one.height).data.some(byte => byte))"
    )
    assert drawn == [True, True]
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{folder}/warmup.png", full_page=True)

    page.get_by_role("link", name="Resume").click()
    page.locator("#dialog [name=reason]").fill("The old list is gone.")
    page.locator("#dialog").get_by_role("button", name="Resume").click()

    expect(page.get_by_text("Day 9 of the warm-up of example.com allows 295 an hour")).to_be_visible()
    plan.refresh_from_db()
    assert plan.status == "running"


def test_its_charts_fit_on_a_phone(page: Page):
    plan = make_plan_under_way()
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto(f"/admin/automation/warmupplan/{plan.pk}/change/")
    page.get_by_role("region", name="Bounces and complaints by day").locator("canvas").wait_for()

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
