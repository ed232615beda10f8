"""Routes, brakes and batch calls in a file."""

import pytest

from automation.models import EspAccount, Flow, Route
from tests.automation.management.conftest import SHOP
from tests.factories import make_account

pytestmark = pytest.mark.django_db

ROUTES = """
routes:
  - {lane: bulk, topic: offers, sender: shop, region: eu, account: main}
  - {account: main}
"""


def sentences():
    return [str(route) for route in Route.objects.all()]


def test_routes_are_in_the_order_of_the_file(apply_text):
    report = apply_text(SHOP + ROUTES)

    assert sentences() == [
        "Bulk mail about Offers from the sender shop to contacts in EU goes through main.",
        "All mail goes through main.",
    ]
    assert "+ routes\n    route.1: added\n    route.2: added" in str(report)


def test_a_second_time_changes_nothing(apply_text):
    apply_text(SHOP + ROUTES)
    before = list(Route.objects.values())

    assert str(apply_text(SHOP + ROUTES)) == "= 7 unchanged"
    assert list(Route.objects.values()) == before


def test_what_changes_is_told_by_the_place_in_the_order(apply_text):
    apply_text(SHOP + ROUTES)

    report = apply_text(SHOP + ROUTES.replace("region: eu, ", "").replace("  - {account: main}\n", ""))

    assert str(report).splitlines()[:3] == ["~ routes", "    route.2: removed", "    route.1.region: EU → nothing"]
    assert sentences() == ["Bulk mail about Offers from the sender shop goes through main."]


def test_routes_of_the_admin_are_replaced_whatever_their_positions(apply_text):
    for _ in range(3):
        Route.objects.create(account=make_account(key=f"other-{_}"))

    apply_text(SHOP + ROUTES)

    assert {route.account.key for route in Route.objects.all()} == {"main"}
    assert Route.objects.count() == 2


def test_a_file_without_routes_leaves_them_alone_and_says_so(apply_text):
    apply_text(SHOP + ROUTES)

    report = apply_text(SHOP)

    assert Route.objects.count() == 2
    assert str(report).endswith("! Not in this file, and left as they are: 2 routes.")


def test_a_file_with_an_empty_list_removes_them(apply_text):
    apply_text(SHOP + ROUTES)

    apply_text(SHOP + "routes: []")

    assert not Route.objects.exists()


def test_faults_in_routes_are_told_with_their_places(faults_of):
    told = faults_of(SHOP + ROUTES.replace("account: main}", "account: nowhere}", 1))
    assert len(told) == 1
    assert "routes[0].account: There is no ESP account “nowhere”" in told[0]

    told = faults_of(SHOP + ROUTES.replace("region: eu", "region: Europe!"))
    assert len(told) == 1
    assert "routes[0].region: Write a region" in told[0]


KINDS = ["error", "bounce", "block", "complaint"]


def test_brakes_and_batch_calls_are_as_the_file_says(apply_text):
    shop = SHOP.replace(
        "settings_env: ESP_MAIN}",
        "settings_env: ESP_MAIN, batch_calls: true,"
        " brakes: {errors: 20, hard_bounces: 2.5, blocks: 8, complaints: null}}",
    ).replace("    sender: shop\n    steps", "    sender: shop\n    brakes: {complaints: 0.1}\n    steps")

    apply_text(shop)

    account, flow = EspAccount.objects.get(), Flow.objects.get()
    assert account.batch_calls
    assert [getattr(account, f"max_{what}_percent") for what in KINDS] == [20, 2.5, 8, None]
    assert [getattr(flow, f"max_{what}_percent") for what in KINDS] == [50, 5, 10, 0.1]


def test_batch_calls_are_refused_where_the_provider_takes_none(faults_of):
    shop = SHOP.replace(
        "provider: postmark, settings_env: ESP_MAIN", "provider: brevo, settings_env: E, batch_calls: true"
    )

    told = faults_of(shop)

    assert len(told) == 1
    assert "esp_accounts.main.batch_calls: Brevo takes no batch" in told[0]


def test_a_brake_that_makes_no_sense_is_refused_where_it_stands(faults_of):
    told = faults_of(SHOP.replace("settings_env: ESP_MAIN}", "settings_env: ESP_MAIN, brakes: {errors: 101}}"))

    assert len(told) == 1
    assert "esp_accounts.main.brakes.errors: " in told[0]
