"""Stored webhook calls lose the address of whoever was erased, however it is spelled, and nothing else."""

import json

import pytest
from django.utils import timezone

from tests.factories import make_account
from webhooks import sweep as module
from webhooks.models import InboxEvent, Sweep
from webhooks.sweep import order_sweeps, sweep_calls

pytestmark = pytest.mark.django_db

ADDRESS = "Ana+news@example.com"


def store(body: str | bytes, status: str = "digested") -> InboxEvent:
    body = body.encode() if isinstance(body, str) else body
    return InboxEvent.objects.create(
        account=make_account(), dedupe_key=InboxEvent.objects.count().to_bytes(32), content_type="x", body=body,
        status=status,
    )  # fmt: skip


def swept(call: InboxEvent) -> bytes:
    return bytes(InboxEvent.objects.get(pk=call.pk).body)


@pytest.mark.parametrize(
    "spelled",
    [
        "Ana+news@example.com",
        "ana+NEWS@Example.com",
        "ana%2Bnews%40example.com",
        r"ana\u002bnews\u0040example.com",
        r"ana\\u002bnews\\u0040example.com",
        "ana&#43;news&#64;example.com",
    ],
)
def test_every_spelling_of_the_address_is_blotted_out(spelled):
    call = store(f'{{"to": "{spelled}", "other": "bea@example.com"}}')
    order_sweeps([ADDRESS])

    sweep_calls()

    assert swept(call) == b'{"to": "erased@erased.invalid", "other": "bea@example.com"}'
    assert json.loads(swept(call))
    assert not Sweep.objects.exists(), "the order itself names the address"


def test_an_event_that_was_copied_out_of_its_call_meanwhile_is_blotted_out_too():
    call = store('["ana+news@example.com", 17]')
    order_sweeps([ADDRESS])
    part, others = store('["ana+news@example.com"]', "set_aside"), store('["ana+news@example.com"]', "set_aside")
    InboxEvent.objects.filter(pk=part.pk).update(part_of=call)

    sweep_calls()

    assert swept(part) == b'["erased@erased.invalid"]'
    assert swept(others) == b'["ana+news@example.com"]'  # It came after the order, so it is retention's.


@pytest.mark.parametrize(
    "body", ["anna+news@example.com.", "ana-news@example.com", "ana+news@example.org", b"\xff\x00"]
)
def test_nothing_else_is_touched(body):
    call = store(body)
    before = swept(call)
    order_sweeps([ADDRESS])

    sweep_calls()

    assert swept(call) == before


def test_what_is_not_digested_yet_is_waited_for():
    read, unread, later = store(ADDRESS), store(ADDRESS, status="new"), store(ADDRESS)
    order_sweeps([ADDRESS])

    assert sweep_calls() == 1
    assert sweep_calls() == 0, "it comes again in a minute"

    assert swept(read) == module.BLOT
    assert swept(unread) == swept(later) == ADDRESS.encode()
    InboxEvent.objects.update(status="digested")
    Sweep.objects.update(due_at=timezone.now())
    assert sweep_calls() == 1
    assert swept(unread) == swept(later) == module.BLOT
    assert not Sweep.objects.exists()


def test_many_calls_are_swept_a_stretch_at_a_time(monkeypatch):
    monkeypatch.setattr(module, "STRETCH", 2)
    calls = [store(ADDRESS) for _ in range(5)]
    order_sweeps([ADDRESS])

    assert sum(iter(sweep_calls, 0)) == 3

    assert {swept(call) for call in calls} == {module.BLOT}


def test_where_nothing_is_stored_a_sweep_is_done_at_once():
    order_sweeps([ADDRESS])

    assert sweep_calls() == 1
    assert sweep_calls() == 0
