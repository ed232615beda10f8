"""Requests at the same time, each in a transaction of its own."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from automation.models import Contact, Event
from tests.automation.api.service import Service, an_event
from tests.factories import make_event_type

AT_ONCE = 4

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def order_completed(transactional_db):
    return make_event_type(name="OrderCompleted")


def at_once(*calls):
    """Begin all calls together, each in a thread; return what they return."""
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def test_the_same_event_posted_at_once_is_stored_once(service: Service):
    for _ in range(10):
        event = an_event(user_id=str(uuid4()))

        responses = at_once(*[lambda event=event: service.post("/api/v1/events/", event)] * AT_ONCE)

        assert Counter(response.status_code for response in responses) == {202: 1, 200: AT_ONCE - 1}
    assert Event.objects.count() == Contact.objects.count() == 10


def test_two_contents_under_one_id_at_once_are_one_event_and_a_conflict(service: Service):
    for _ in range(10):
        event = an_event()
        other = event | {"metadata": {"other": True}}

        responses = at_once(
            lambda e=event: service.post("/api/v1/events/", e), lambda e=other: service.post("/api/v1/events/", e)
        )

        assert sorted(response.status_code for response in responses) == [202, 409]


def test_batches_that_overlap_in_opposite_orders_do_not_deadlock(service: Service):
    for _ in range(5):
        events = [an_event(user_id=str(uuid4())) for _ in range(100)]

        responses = at_once(
            lambda events=events: service.post_batch(*events),
            lambda events=events: service.post_batch(*reversed(events)),
        )

        assert [response.status_code for response in responses] == [200, 200]
        statuses = [result["status"] for response in responses for result in response.json()["results"]]
        assert Counter(statuses) == {202: 100, 200: 100}


def test_a_contact_put_at_once_is_created_once(service: Service):
    for n in range(5):
        responses = at_once(
            *[lambda n=n, m=m: service.put(f"/api/v1/contacts/{n}/", {"attributes": {"by": m}}) for m in range(AT_ONCE)]
        )

        assert Counter(response.status_code for response in responses) == {201: 1, 200: AT_ONCE - 1}
    assert Contact.objects.count() == 5


def test_an_event_and_a_put_for_a_new_contact_do_not_lose_each_other(service: Service):
    for n in range(5):
        put, posted = at_once(
            lambda n=n: service.put(f"/api/v1/contacts/{n}/", {"email": "ana@example.com"}),
            lambda n=n: service.post_event(user_id=str(n)),
        )

        assert put.status_code in {200, 201}
        assert posted.status_code == 202
        contact = Contact.objects.get(external_id=str(n))
        assert contact.email == "ana@example.com"
        assert contact.events.count() == 1
