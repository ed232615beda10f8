"""Which account a mail goes through: the order of routes, what fits, and who can send."""

from datetime import timedelta
from math import inf

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from automation.core.lanes import Lane
from automation.delivery.reroute import FITS
from automation.delivery.routes import Mail, RouteRow, Routing, read_routing
from automation.models import Route
from tests.factories import make_account, make_message, make_sender, make_topic

MAIL = Mail(lane="triggered", topic_id=7, sender_id=3, region="US-CA")
SOON = timedelta(seconds=30)

lanes = st.sampled_from(Lane.values)
ids = st.integers(1, 2)
regions = st.sampled_from(["", "US", "US-CA", "USA", "EU"])
mails = st.builds(Mail, lanes, st.none() | ids, ids, regions)
routes = st.builds(RouteRow, st.integers(1, 4), st.just("") | lanes, st.none() | ids, st.none() | ids, regions)


def chosen(*given: RouteRow, **room: float) -> int | None:
    """With `a1=0`, account 1 has no room; without, it has."""
    return Routing(given, {route.account_id: room.get(f"a{route.account_id}", inf) for route in given}).choose(MAIL)


@pytest.mark.parametrize(
    ("criteria", "fits"),
    [
        ({}, True),
        ({"lane": "triggered"}, True),
        ({"lane": "bulk"}, False),
        ({"topic_id": 7}, True),
        ({"topic_id": 8}, False),
        ({"sender_id": 3}, True),
        ({"sender_id": 4}, False),
        ({"region": "US-CA"}, True),
        ({"region": "US"}, True),
        ({"region": "U"}, False),
        ({"region": "US-NY"}, False),
        ({"lane": "triggered", "topic_id": 7, "sender_id": 3, "region": "US"}, True),
        ({"lane": "triggered", "topic_id": 7, "sender_id": 4, "region": "US"}, False),
    ],
)
def test_a_route_fits_if_all_of_its_criteria_do(criteria, fits):
    assert RouteRow(1, **criteria).fits(MAIL) is fits


@pytest.mark.parametrize("criteria", [{"topic_id": 7}, {"region": "US"}])
def test_what_a_mail_has_not_fits_no_criterion(criteria):
    assert not RouteRow(1, **criteria).fits(MAIL._replace(topic_id=None, region=""))


def test_the_first_route_that_fits_is_taken():
    assert chosen(RouteRow(1, lane="bulk"), RouteRow(2), RouteRow(3)) == 2


def test_an_account_that_cannot_send_is_passed_over():
    assert chosen(RouteRow(1), RouteRow(2), RouteRow(3), a1=0) == 2


def test_if_none_can_send_it_waits_at_the_first():
    assert chosen(RouteRow(9, lane="bulk"), RouteRow(1), RouteRow(2), a1=0, a2=0) == 1


def test_without_a_route_that_fits_there_is_no_choice():
    assert chosen(RouteRow(1, lane="bulk")) is None


@given(st.lists(routes, max_size=6), mails, st.data())
def test_a_choice_fits_and_nobody_before_it_could_have_sent(asked, mail, data):
    room = {route.account_id: data.draw(st.sampled_from([0.0, 1.0, inf])) for route in asked}
    fitting = [route.account_id for route in asked if route.fits(mail)]

    account = Routing(asked, room).choose(mail)

    if any(room[one] for one in fitting):
        assert account == next(one for one in fitting if room[one])
    else:
        assert account == (fitting[0] if fitting else None)


def test_an_account_that_may_be_given_one_message_is_given_one():
    routing = Routing([RouteRow(1), RouteRow(2)], {1: 1, 2: inf})

    taken = []
    for _ in range(3):
        taken.append(routing.choose(MAIL))
        routing.give(taken[-1])

    assert taken == [1, 2, 2]


@pytest.mark.django_db
@given(routes, mails)
@example(RouteRow(1, region="US"), Mail("bulk", None, 1, "US-CA"))
@example(RouteRow(1, region="US"), Mail("bulk", None, 1, "USA"))
@example(RouteRow(1, topic_id=1), Mail("bulk", None, 1, ""))
def test_sql_and_python_agree_on_what_fits(route, mail):
    """Two readings of the criteria, one meaning: the one picks rows, the other decides."""
    row = {**route._asdict(), **{f"mail_{name}": value for name, value in mail._asdict().items()}}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT COALESCE(({FITS}), FALSE)
            FROM (SELECT %(lane)s::text AS lane, %(topic_id)s::bigint AS topic_id, %(sender_id)s::bigint AS sender_id,
                         %(region)s::text AS region) AS route,
                 (SELECT %(mail_lane)s::text AS lane, %(mail_topic_id)s::bigint AS topic_id,
                         %(mail_sender_id)s::bigint AS sender_id) AS m,
                 (SELECT %(mail_region)s::text AS region) AS contact
            """,
            row,
        )
        [(fits,)] = cursor.fetchall()

    assert fits is route.fits(mail)


# As the database has them


@pytest.mark.django_db
def test_routes_are_read_in_their_order_with_what_they_ask_for(django_assert_num_queries):
    account, topic = make_account(), make_topic()
    sender = make_sender(account)
    Route.objects.create(position=2, account=account)
    Route.objects.create(position=1, account=account, lane="bulk", topic=topic, sender=sender, region="EU")
    Route.objects.create(position=2, account=account, lane="triggered")

    with django_assert_num_queries(1):
        routing = read_routing()

    assert routing.routes == [
        RouteRow(account.pk, "bulk", topic.pk, sender.pk, "EU"),
        RouteRow(account.pk),
        RouteRow(account.pk, "triggered"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "room"),
    [
        ({}, inf),
        ({"open_for": -SOON}, inf),  # It was closed then.
        ({"status": "paused"}, 0),
        ({"trips": 1, "open_for": SOON}, 0),
        ({"trips": 1, "open_for": -SOON}, 1),
        ({"trips": 1, "open_for": -SOON, "status": "paused"}, 0),
    ],
)
def test_how_much_an_account_may_be_given(state, room):
    state = dict(state)
    open_for = state.pop("open_for", None)
    account = make_account(open_until=open_for and timezone.now() + open_for, **state)
    Route.objects.create(account=account)

    assert read_routing().room == {account.pk: room}


@pytest.mark.django_db
@pytest.mark.parametrize(("waiting", "room"), [({}, 0), ({"status": "uncertain"}, 1), ({"due_at": SOON}, 1)])
def test_a_breaker_that_wants_to_try_one_message_is_given_none_while_one_waits(waiting, room):
    account = make_account(trips=1, open_until=timezone.now() - SOON)
    Route.objects.create(account=account)
    make_message(account=account, **{k: timezone.now() + v if k == "due_at" else v for k, v in waiting.items()})

    assert read_routing().room == {account.pk: room}


@given(st.lists(routes, max_size=6), st.lists(st.sampled_from([0, 1, inf]), min_size=4, max_size=4), mails)
def test_what_a_mail_may_reach_begins_with_what_is_chosen_and_is_all_that_fits(routes, rooms, mail):
    routing = Routing(routes, dict(enumerate(rooms, start=1)))

    reach = routing.reach(mail)

    assert (reach[0] if reach else None) == routing.choose(mail)
    assert sorted(reach) == sorted({route.account_id for route in routes if route.fits(mail)})
