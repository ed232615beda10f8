"""What marketers do all day: change a flow, see what is missing, publish it."""

import pytest
from django.contrib.auth.models import Permission, User
from playwright.sync_api import Page, expect

from automation.flows.models import FlowVersion
from tests.factories import make_flow, make_live_flow, send, wait

pytestmark = pytest.mark.django_db(transaction=True)


def open_flow(page: Page, name: str) -> None:
    page.locator("#nav-sidebar-apps").get_by_text("Flows", exact=True).click()
    page.get_by_role("link", name=name).click()
    page.wait_for_url("**/flow/*/change/")  # And until it has loaded: before, its scripts listen to no click.


def test_a_step_is_edited_and_published(page: Page):
    make_live_flow(send(), wait(days=1), send(), name="Welcome series")
    open_flow(page, "Welcome series")
    expect(page.get_by_text("The draft below is the same.")).to_be_visible()

    page.locator("h3 strong", has_text="wait 1 day").click()
    page.locator("[name=steps-1-wait_for_0]").fill("3")
    page.locator("[name=steps-1-wait_for_1]").select_option("hours")
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_text("Nobody waits in an older version.")).to_be_visible()
    page.get_by_role("button", name="Publish").click()

    expect(page.get_by_text("v2 of “Welcome series” is live.")).to_be_visible()
    expect(page.get_by_text("wait 3 hours")).to_be_visible()
    version = FlowVersion.objects.get(number=2)
    assert version.definition["steps"]["step-1"]["seconds"] == 3 * 3600


def test_a_step_is_added_and_what_it_lacks_is_told_beside_it(page: Page):
    make_flow(send(), name="Win back")
    open_flow(page, "Win back")

    page.get_by_text("Add another Step").click()
    page.locator("[name=steps-1-kind]").select_option("wait")
    page.locator("[name=steps-1-key]").fill("pause")
    expect(page.locator("[name=steps-1-wait_for_0]")).to_be_visible()
    expect(page.locator("[name=steps-1-template]")).to_be_hidden()
    expect(page.locator("[name=steps-1-rule]")).to_be_hidden()
    page.get_by_role("button", name="Save and publish").click()

    expect(page.get_by_text("Step “pause”: Say how long to wait (at least one second).")).to_be_visible()
    expect(page.locator(".step-fault")).to_have_text("Say how long to wait (at least one second).")


def test_a_live_flow_is_paused_after_being_asked_back(page: Page):
    flow = make_live_flow(name="Receipts")
    open_flow(page, "Receipts")

    page.get_by_role("link", name="Pause").click()
    page.get_by_text("Pause this flow?").wait_for()
    page.locator("#dialog").get_by_label("Reason").fill("Wrong prices.")
    page.locator("#dialog").get_by_role("button", name="Pause").click()

    expect(page.get_by_text("It stays paused when published, until it is resumed.")).to_be_visible()
    flow.refresh_from_db()
    assert flow.status == "paused"


def test_who_may_only_look_sees_the_steps(page: Page):
    make_live_flow(wait(days=1), name="Receipts")
    ana = User.objects.get()
    ana.is_superuser = False
    ana.save()
    ana.user_permissions.set(Permission.objects.filter(codename__in=["view_flow", "view_step"]))
    page.reload()
    open_flow(page, "Receipts")

    page.locator("h3 strong", has_text="wait 1 day").click()

    expect(page.get_by_text("1 day, 0:00:00")).to_be_visible()
    expect(page.get_by_role("button", name="Save and publish")).to_be_hidden()
