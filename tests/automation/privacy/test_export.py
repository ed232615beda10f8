"""Everything that is known of a person, in one document."""

import json

import pytest
from django.utils import timezone

from automation.enrollments.models import StepRun
from automation.models import Attempt, Engagement
from automation.privacy import export as module
from automation.privacy.export import export
from suppression.address import hash_address
from suppression.models import Consent, Suppression
from tests.factories import make_contact, make_enrollment, make_event, make_holdout, make_message, make_topic

pytestmark = pytest.mark.django_db


def exported(contact):
    return json.loads(b"".join(export(contact)))


def test_it_holds_all_that_is_known():
    ana = make_contact(external_id="ana", email="ana@example.com", attributes={"plan": "pro"})
    event = make_event(contact=ana, payload={"total": 5})
    enrollment = make_enrollment(contact=ana, awaited=event)
    make_holdout(contact=ana, entry_key="cart-1")
    StepRun.objects.create(enrollment=enrollment, step_key="a", visit=1, result={"kind": "send"})
    message = make_message(
        contact=ana, to_email="before@example.com", topic=make_topic(key="news"), values={"n": "Ana"}
    )
    now = timezone.now()
    Attempt.objects.create(
        message=message, number=1, account=message.account, outcome="accepted", began_at=now, ended_at=now
    )
    Engagement.objects.create(
        id=event.pk, message=message, is_click=True, at=now, url="https://example.com/a", flagged=False, signs=["esp"]
    )
    known = {"address_hash": hash_address("before@example.com"), "topic": message.topic, "source": "page"}
    Consent.objects.create(**known, decision="granted", at=now, ip="192.0.2.1")
    Suppression.objects.create(**known, scope="marketing", reason="unsubscribed")

    document = exported(ana)

    assert document["contact"]["attributes"] == {"plan": "pro"}
    assert [one["payload"] for one in document["events"] if one["id"] == str(event.pk)] == [{"total": 5}]
    assert [(one["id"], one["awaited_id"]) for one in document["enrollments"]] == [(str(enrollment.pk), str(event.pk))]
    assert [(one["entry_key"], one["scope"]) for one in document["holdouts"]] == [("cart-1", "flow")]
    assert [one["step_key"] for one in document["step_runs"]] == ["a"]
    assert [(one["to_email"], one["values"]) for one in document["messages"]] == [("before@example.com", {"n": "Ana"})]
    assert [one["outcome"] for one in document["attempts"]] == ["accepted"]
    assert [(one["url"], one["signs"]) for one in document["opens_and_clicks"]] == [("https://example.com/a", ["esp"])]
    assert [(one["topic_key"], one["ip"]) for one in document["consent"]] == [("news", "192.0.2.1")]
    assert [one["reason"] for one in document["suppressions"]] == ["unsubscribed"]


def test_it_holds_nothing_of_others():
    make_event(contact=make_contact(email="bea@example.com"))
    make_message(contact=make_contact(), to_email="bea@example.com")

    document = exported(make_contact(email="ana@example.com"))

    assert {name for name, value in document.items() if isinstance(value, list) and value} == set()


def test_however_much_there_is_it_comes_piece_by_piece(monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 2)
    ana = make_contact()
    for _ in range(5):
        make_event(contact=ana)

    pieces = list(export(ana))

    assert len(json.loads(b"".join(pieces))["events"]) == 5
    assert len(pieces) > 5
