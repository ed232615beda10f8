"""Who enters a flow, said by choosing: with no JSON to type, and without a mouse."""

import json
import os
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from automation.flows.models import Flow
from automation.flows.publish import publish
from tests.factories import make_contact, make_event, make_event_type, make_flow, make_segment

pytestmark = pytest.mark.django_db(transaction=True)

SCHEMA = {
    "type": "object",
    "properties": {
        "total": {"type": "number", "title": "Order total"},
        "currency": {"type": "string", "enum": ["EUR", "USD"]},
        "placed_at": {"type": "string", "format": "date-time"},
    },
}


@pytest.fixture
def flow(page: Page) -> Flow:
    make_event_type(name="CartAbandoned", schema={"properties": {"items": {"type": "integer"}}})
    for _ in range(2):
        make_contact(attributes={"plan": "pro", "nickname": "ana@example.com"})
    return make_flow(name="Thanks", trigger=make_event_type(name="OrderCompleted", schema=SCHEMA))


def open_builder(page: Page, flow: Flow) -> Locator:
    page.goto(f"/admin/automation/flow/{flow.pk}/change/")
    builder = page.get_by_role("group", name="Only if", exact=True)
    builder.wait_for()
    return builder


def shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        for width in (1400, 800):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
        page.evaluate("document.documentElement.classList.add('dark')")
        page.screenshot(path=f"{folder}/{name}-dark.png", full_page=True)
        page.evaluate("document.documentElement.classList.remove('dark')")
        page.set_viewport_size({"width": 1280, "height": 900})


def sentence(builder: Locator) -> Locator:
    return builder.locator(".condition-sentence")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()


def test_a_rule_is_built_and_saved_with_the_keyboard_alone(page: Page, flow: Flow):
    builder = open_builder(page, flow)
    expect(sentence(builder)).to_have_text("Everybody.")

    builder.get_by_role("button", name="+ Condition").focus()
    page.keyboard.press("Enter")
    expect(builder.get_by_label("Field")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("is at least")
    page.keyboard.press("Tab")
    page.keyboard.type("50")
    for _ in range(4):  # Over the row's three buttons.
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.type("plan")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("pro")

    expect(sentence(builder)).to_have_text("The event's total is at least 50 and the contact's plan is “pro”.")
    save(page)
    flow.refresh_from_db()
    assert flow.entry_rule == {
        "all": [
            {"field": "event.payload.total", "op": "gte", "value": 50},
            {"field": "contact.attributes.plan", "op": "eq", "value": "pro"},
        ]
    }


def test_conditions_are_moved_and_removed_and_the_focus_is_not_lost(page: Page, flow: Flow):
    plan, language = (
        {"field": f"contact.{name}", "op": "eq", "value": "x"} for name in ("attributes.plan", "language")
    )
    flow.entry_rule = {"any": [plan, language]}
    flow.save()
    builder = open_builder(page, flow)

    builder.get_by_label("Field").nth(1).focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(sentence(builder)).to_have_text("The contact's language is “x” or the contact's plan is “x”.")
    expect(builder.get_by_label("Field").nth(0)).to_be_focused()
    builder.get_by_role("button", name="Remove").nth(0).press("Enter")

    expect(sentence(builder)).to_have_text("The contact's plan is “x”.")
    expect(builder.get_by_label("Field")).to_be_focused()
    save(page)
    flow.refresh_from_db()
    assert flow.entry_rule == plan


def test_groups_are_nested_and_the_past_is_asked_about(page: Page, flow: Flow):
    builder = open_builder(page, flow)

    builder.get_by_role("button", name="+ Group").click()
    inner = builder.get_by_role("group", name="Group of conditions").nth(1)
    inner.get_by_label("Field").select_option("event.payload.currency")
    inner.get_by_label("Value").fill("EUR")
    inner.get_by_role("button", name="+ Event in the past").click()
    inner.get_by_label("Event", exact=True).select_option("CartAbandoned")
    inner.get_by_label("How often").select_option("never")
    inner.get_by_label("When").select_option("within")
    inner.get_by_role("button", name="Say which of these events count").click()
    where = inner.get_by_role("group", name="Group of conditions")
    where.get_by_role("button", name="+ Condition").click()
    where.get_by_label("Comparison").select_option("is more than")
    where.get_by_label("Value").fill("3")

    expect(sentence(builder)).to_have_text(
        "The event's currency is “EUR” or the contact never did “CartAbandoned” within the last 30 days"
        " where the event's items is more than 3."
    )
    shoot(page, "nested")
    save(page)
    flow.refresh_from_db()
    rule = flow.entry_rule
    assert rule["any"][1]["where"] == {"field": "event.payload.items", "op": "gt", "value": 3}
    assert (rule["any"][1]["at_most"], rule["any"][1]["within"]) == (0, {"days": 30})


def test_a_fault_is_told_at_its_condition(page: Page, flow: Flow):
    flow.entry_rule = {"all": [{"field": "contact.language", "op": "eq", "value": "de"}]}
    flow.save()
    builder = open_builder(page, flow)

    builder.get_by_role("button", name="+ Condition").click()
    builder.get_by_label("Comparison").nth(1).select_option("gte")

    conditions = builder.locator("li.condition")
    expect(conditions.nth(1).locator(".condition-fault")).to_have_text("“gte” expects a number or a text.")
    expect(conditions.nth(0).locator(".condition-fault")).to_be_hidden()
    expect(sentence(builder)).to_have_text("This rule is not complete yet.")


def test_operators_go_by_the_kind_of_the_field_and_values_that_were_seen_are_suggested(page: Page, flow: Flow):
    builder = open_builder(page, flow)
    builder.get_by_role("button", name="+ Condition").click()

    offered = builder.get_by_label("Comparison").locator("option")
    expect(offered.filter(has_text="is more than")).to_have_count(1)
    expect(offered.filter(has_text="begins with")).to_have_count(0)
    builder.get_by_label("Field").select_option("event.payload.placed_at")
    expect(offered.filter(has_text="is within the last")).to_have_count(1)
    builder.get_by_label("Field").select_option("contact.attributes.plan")
    expect(builder.locator("datalist option")).to_have_attribute("value", "pro")
    builder.get_by_label("Field").select_option("contact.attributes.nickname")
    expect(builder.locator("datalist")).to_have_count(0)


def test_another_trigger_offers_other_fields(page: Page, flow: Flow):
    make_event(flow.trigger)
    builder = open_builder(page, flow)
    builder.get_by_role("button", name="+ Condition").click()
    expect(builder.get_by_role("option", name="Order total")).to_have_count(1)

    page.locator("[name=trigger]").select_option("CartAbandoned")

    expect(builder.get_by_role("option", name="items")).to_have_count(1)


def test_what_is_only_looked_at_is_left_as_it_is(page: Page, flow: Flow):
    rule = {"none": [{"any": [{"field": "contact.attributes.tags", "op": "in", "value": [1, "a,b"]}]}]}
    flow.entry_rule = rule
    flow.save()

    open_builder(page, flow)
    save(page)

    flow.refresh_from_db()
    assert flow.entry_rule == rule


def test_a_segment_is_chosen_by_its_name_with_the_keyboard_alone(page: Page, flow: Flow):
    for key, name in (("vip", "Big spenders"), ("lapsed", "Lapsed")):
        make_segment({}, key=key, name=name)
    builder = open_builder(page, flow)

    builder.get_by_role("button", name="+ Segment").press("Enter")
    segment = builder.get_by_label("Segment", exact=True)
    expect(segment).to_be_focused()
    expect(segment).to_have_value("vip")
    page.keyboard.type("Lapsed")

    expect(sentence(builder)).to_have_text("The contact is in the segment “lapsed”.")
    save(page)
    flow.refresh_from_db()
    assert flow.entry_rule == {"segment": "lapsed"}


def test_a_segment_that_is_not_there_is_kept(page: Page, flow: Flow):
    make_segment({}, key="vip", name="Big spenders")
    flow.entry_rule = {"segment": "gone"}
    flow.save()

    builder = open_builder(page, flow)
    expect(builder.get_by_label("Segment", exact=True).locator("option")).to_have_text(["gone", "Big spenders"])
    builder.get_by_label("Which must hold").select_option("any")
    expect(sentence(builder)).to_have_text("The contact is in the segment “gone”.")

    assert json.loads(page.locator("[name=entry_rule]").input_value()) == {"segment": "gone"}


def test_a_wait_for_an_event_offers_the_fields_of_that_event(page: Page, flow: Flow):
    page.goto(f"/admin/automation/flow/{flow.pk}/change/")
    page.get_by_text("Add another Step").click()
    page.locator("[name=steps-1-kind]").select_option("wait_event")
    builder = page.get_by_role("group", name="And only if", exact=True).last

    page.locator("[name=steps-1-option_event]").select_option("CartAbandoned")
    builder.get_by_role("button", name="+ Condition").click()

    offered = builder.get_by_label("Field").first
    expect(offered).to_contain_text("items")
    expect(offered).not_to_contain_text("Order total")


def test_a_goal_offers_the_fields_of_the_event_that_reaches_it(page: Page, flow: Flow):
    page.goto(f"/admin/automation/flow/{flow.pk}/change/")
    text = page.locator("[name=goal_rule]")
    builder = page.locator("[name=goal_rule] + .conditions")  # The reason to stop has one of the same name.

    page.locator("[name=goal_event]").select_option(label="CartAbandoned")
    builder.get_by_role("button", name="+ Condition").click()

    expect(text).to_be_hidden()
    expect(builder.get_by_label("Field").first).to_contain_text("items")


def test_what_is_put_together_while_the_fields_of_another_event_are_fetched_stays(page: Page, flow: Flow):
    page.goto(f"/admin/automation/flow/{flow.pk}/change/")
    builder = page.locator("[name=goal_rule] + .conditions")  # The reason to stop has one of the same name.
    expect(builder.get_by_role("button", name="+ Condition")).to_be_visible()
    held: list[Route] = []

    def hold(route: Route) -> None:  # A method of a list is refused.
        held.append(route)

    page.route("**/offer/*", hold)

    page.locator("[name=goal_event]").select_option(label="CartAbandoned")
    for _ in range(2):
        builder.get_by_role("button", name="+ Condition").click()
    for route in held:
        route.continue_()

    assert held
    expect(builder.get_by_label("Field").first).to_contain_text("items")
    expect(builder.get_by_label("Field")).to_have_count(2)


def test_a_step_after_a_wait_for_an_event_offers_what_that_event_says(page: Page, flow: Flow):
    flow.steps.all().delete()
    ends = {"next_key": "asks", "else_key": "end"}
    flow.steps.create(key="waits", kind="wait_event", wait_for=timedelta(days=1), position=0, **ends)
    flow.steps.create(key="asks", kind="branch", position=1)
    flow.steps.create(key="end", kind="exit", position=2)
    page.goto(f"/admin/automation/flow/{flow.pk}/change/")
    builder = page.locator("[name=steps-1-rule] + .conditions")
    page.get_by_role("heading", name="waits").click()
    page.get_by_role("heading", name="asks").click()

    page.locator("[name=steps-0-option_event]").select_option("CartAbandoned")
    builder.get_by_role("button", name="+ Condition").click()
    builder.get_by_label("Field").select_option("awaited.payload.items")
    builder.get_by_label("Comparison").select_option("gt")
    builder.get_by_label("Value").fill("3")

    expect(sentence(builder)).to_have_text("The awaited event's items is more than 3.")
    shoot(page, "awaited")
    save(page)
    asked = flow.steps.get(key="asks").rule
    assert asked == {"field": "awaited.payload.items", "op": "gt", "value": 3}
    assert publish(flow=flow).number == 1


def test_before_the_wait_for_an_event_nothing_is_offered_of_it(page: Page, flow: Flow):
    options = {"event": "CartAbandoned"}
    flow.steps.create(key="waits", kind="wait_event", options=options, wait_for=timedelta(days=1), position=8)
    page.goto(f"/admin/automation/flow/{flow.pk}/change/")
    builder = page.locator("[name=steps-1-rule] + .conditions")
    page.get_by_role("heading", name="waits").click()

    builder.get_by_role("button", name="+ Condition").click()

    expect(builder.get_by_role("option", name="items")).to_have_count(1)
    expect(builder.locator("option[value='event.payload.items']")).to_have_count(1)
    expect(builder.locator("option[value^='awaited.']")).to_have_count(0)
