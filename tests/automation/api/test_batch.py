"""POST /api/v1/events/batch/: each event is judged alone."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automation.models import Contact, Event
from tests.automation.api.service import Service, an_event, assert_problem, faults_of
from tests.factories import make_event_type


@pytest.fixture(autouse=True)
def order_completed(db):
    return make_event_type(name="OrderCompleted", schema={"required": ["total"]})


def order(**fields):
    return an_event(**{"payload": {"total": 1}, **fields})


def test_each_event_has_its_own_result_in_the_order_sent(service: Service):
    known, changed = order(), order()
    service.post_batch(known, changed)

    response = service.post_batch(
        order(), known, changed | {"user_id": "another"}, order(payload={}), "not an event", order(event_id=7)
    )

    assert response.status_code == 200
    results = response.json()["results"]
    assert [result["status"] for result in results] == [202, 200, 409, 422, 422, 422]
    assert [bool(result["event_id"]) for result in results] == [True, True, True, True, False, False]
    assert Event.objects.count() == 3


def test_pointers_lead_into_the_request(service: Service):
    response = service.post_batch(order(), order(payload={}), order(user_id=None), 5)

    problems = [result.get("problem", {}) for result in response.json()["results"]]
    assert [faults_of(problem) for problem in problems] == [
        {},
        {"/events/1/payload/total": "missing"},
        {"/events/2/user_id": "wrong_type"},
        {"/events/3": "wrong_type"},
    ]


def test_the_same_event_twice_in_a_batch_is_stored_once(service: Service):
    event = order()

    response = service.post_batch(event, event, event | {"user_id": "another"})

    assert [result["status"] for result in response.json()["results"]] == [202, 200, 409]
    assert Event.objects.get().contact.external_id == "4711"
    assert Contact.objects.count() == 1


def test_an_invalid_event_does_not_take_its_id_from_a_valid_one(service: Service):
    event = order()

    response = service.post_batch(event | {"payload": {}}, event)

    assert [result["status"] for result in response.json()["results"]] == [422, 202]


def test_a_batch_is_decided_on_in_its_order(service: Service):
    events = [order() for _ in range(50)]

    service.post_batch(*events)

    due = Event.objects.order_by("due_at").values_list("id", flat=True)
    assert [str(key) for key in due] == [event["event_id"] for event in events]


@pytest.mark.parametrize(
    ("body", "status", "faults"),
    [
        ({}, 422, {"": "wrong_type"}),
        ([], 422, {"": "wrong_type"}),
        ({"events": {}}, 422, {"": "wrong_type"}),
        ({"events": [], "event": 1}, 422, {"": "wrong_type"}),
        ({"events": []}, 422, {"/events": "bad_length"}),
        ({"events": [{}] * 1_001}, 422, {"/events": "bad_length"}),
        ('{"events": [1], "events": [2]}', 422, {"": "duplicate_key"}),
        ('{"events": [{"a": NaN}]}', 400, {"": "malformed"}),
        ('{"events": [', 400, {"": "malformed"}),
        ('{"events": ' + "[" * 100_000, 422, {"": "too_deep"}),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(service: Service, body, status, faults):
    response = service.post("/api/v1/events/batch/", body)

    assert faults_of(assert_problem(response, status)) == faults


def test_an_item_that_cannot_be_read_costs_no_other(service: Service):
    good = json.dumps(order()).encode()
    bad = [
        b'"\xff"',
        b'{"a": 1, "a": 2}',
        b'{"a": 1e999}',
        b'{"a": "\\u0000"}',
        b"[" * 50 + b"]" * 50,
        b'{"a": "%s"}' % (b"x" * 300_000),
    ]

    response = service.post("/api/v1/events/batch/", b'{"events": [' + b", ".join([*bad, good]) + b"]}")

    assert [result["status"] for result in response.json()["results"]] == [400, 422, 422, 422, 422, 413, 202]


@pytest.mark.parametrize("known_contacts", [True, False])
def test_a_batch_costs_the_same_number_of_statements_whatever_its_size(service: Service, known_contacts):
    if known_contacts:
        Contact.objects.bulk_create(Contact(external_id=f"{n}") for n in range(1_000))
    service.post_batch(order())  # So that the key has been looked up.
    counts = []

    for size in (1, 100, 1_000):
        batch = [order(user_id=f"{n}" if known_contacts else f"{size}-{n}") for n in range(size)]
        with CaptureQueriesContext(connection) as queries:
            response = service.post_batch(*batch)
        assert all(result["status"] == 202 for result in response.json()["results"])
        counts.append(len([query for query in queries if "SAVEPOINT" not in query["sql"]]))

    assert counts == ([2, 2, 2] if known_contacts else [5, 5, 5])


def test_a_batch_that_is_sent_again_costs_three_statements_more(service: Service, django_assert_num_queries):
    batch = [order(user_id=f"{n}") for n in range(100)]
    service.post_batch(*batch)

    with django_assert_num_queries(5):
        response = service.post_batch(*batch)

    assert {result["status"] for result in response.json()["results"]} == {200}
