"""Routes: how they read, how they are made, and in which order they are asked."""

import pytest

from automation.core.lanes import Lane
from automation.delivery.models import Route
from tests.automation.admin.pages import filled_in, url
from tests.factories import make_account, make_sender, make_topic

pytestmark = pytest.mark.django_db


def make_route(position=0, **fields):
    return Route.objects.create(position=position, account=fields.pop("account", None) or make_account(), **fields)


def add(client, **typed):
    page = url(Route, "add")
    return client.post(page, {**filled_in(client.get(page)), **typed})


def listed(client):
    return client.get(url(Route, "changelist"))


def test_a_route_reads_as_a_sentence():
    account, topic = make_account(key="main"), make_topic(name="Offers")
    sender = make_sender(account, key="club")

    sentences = [
        str(Route(account=account)),
        str(Route(account=account, lane=Lane.BULK)),
        str(Route(account=account, topic=topic, region="EU")),
        str(Route(account=account, lane=Lane.BULK, topic=topic, sender=sender, region="US-CA")),
    ]

    assert sentences == [
        "All mail goes through main.",
        "Bulk mail goes through main.",
        "Mail about Offers to contacts in EU goes through main.",
        "Bulk mail about Offers from the sender club to contacts in US-CA goes through main.",
    ]


def test_a_new_route_is_asked_last(admin_client):
    first = make_route(position=3)

    add(admin_client, lane="bulk", region="us-ca", account=first.account_id)

    assert list(Route.objects.values_list("lane", "region", "position")) == [("", "", 3), ("bulk", "US-CA", 4)]


def test_a_region_that_no_contact_can_have_is_refused(admin_client):
    response = add(admin_client, region="Europe!", account=make_account().pk)

    assert "region" in response.context["adminform"].form.errors
    assert not Route.objects.exists()


def test_the_list_is_in_the_order_in_which_routes_are_asked_and_says_who_cannot_send(admin_client):
    make_route(2, account=make_account(key="second", status="paused"))
    make_route(1, account=make_account(key="first"))

    page = listed(admin_client).content.decode()

    assert page.index("goes through first.") < page.index("goes through second.") < page.rindex("paused")
    assert "A mail goes through the first of these that fits it" in page


def test_routes_are_put_into_another_order_in_the_list(admin_client):
    above, below = make_route(0), make_route(1)
    formset = listed(admin_client).context["cl"].formset
    typed = {name: value for form in [formset.management_form, *formset] for name, value in pairs(form)}

    admin_client.post(url(Route, "changelist"), {**typed, "form-0-position": 1, "form-1-position": 0, "_save": "Save"})

    assert list(Route.objects.all()) == [below, above]


def test_an_account_names_the_routes_that_lead_to_it(admin_client):
    route = make_route(lane="bulk")
    make_route(lane="triggered")

    [table] = admin_client.get(url(type(route.account), "change", route.account_id)).context["tables"]

    assert [str(route) in row[0] for row in table.rows] == [True]


def test_a_route_may_be_deleted_and_its_account_stays(admin_client):
    route = make_route()

    admin_client.post(url(Route, "delete", route.pk), {"post": "yes"})

    assert not Route.objects.exists()
    route.account.refresh_from_db()


def pairs(form):
    return [(bound.html_name, bound.value()) for bound in form]
