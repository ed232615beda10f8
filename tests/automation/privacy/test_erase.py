"""Forgetting a person: what goes, what stays, and what stops at once."""

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from automation.core.ids import new_id
from automation.core.lanes import Lane
from automation.delivery import marks
from automation.delivery.claim import claim
from automation.enrollments.advance import advance_due_enrollments
from automation.enrollments.models import StepRun
from automation.enrollments.react import react_to_due_events
from automation.models import Attempt, Contact, Engagement, Enrollment, Event, Message
from automation.privacy.erase import erase
from suppression.address import hash_address
from suppression.models import Consent, Suppression
from tests.factories import (
    make_account,
    make_contact,
    make_enrollment,
    make_event,
    make_flow,
    make_holdout,
    make_message,
    make_topic,
)

pytestmark = pytest.mark.django_db

ANA = "ana.secret@example.com"


@pytest.fixture
def ana():
    return make_contact(external_id="ana", email=ANA, attributes={"name": "Ana"}, region="EU")


def test_the_contact_is_emptied_and_its_row_stays(ana):
    erase(external_id="ana", by="root")

    left = Contact.objects.get(pk=ana.pk)
    assert left.external_id.startswith("erased-")
    assert (left.email, left.attributes, left.region) == ("", {}, "")
    assert left.erased_at is not None


def test_a_second_time_there_is_nobody(ana):
    assert erase(external_id="ana", by="root") is not None
    assert erase(external_id="ana", by="root") is None


def test_events_lose_what_they_say_and_keep_that_they_were(ana):
    event = make_event(
        contact=ana,
        status="decided",
        payload={"name": "Ana"},
        metadata={"ip": "::1"},
        decisions=[{"flow": 1, "version": 2, "verdict": "entered", "entry_key": "Ana", "seen": {"seen": "Ana"}}],
    )

    erase(external_id="ana", by="root")

    left = Event.objects.get(pk=event.pk)
    assert (left.payload, left.metadata, bytes(left.content_hash)) == ({}, {}, b"")
    assert left.decisions == [{"flow": 1, "version": 2, "verdict": "entered"}]
    assert left.occurred_at == event.occurred_at


def test_that_somebody_was_held_out_stays_and_of_which_run_goes(ana):
    for cart in ("ana's cart", "ana's other cart"):
        make_holdout(contact=ana, entry_key=cart)

    erase(external_id="ana", by="root")

    assert all(holdout.entry_key == f"erased:{holdout.pk}" for holdout in ana.holdouts.all())
    assert ana.holdouts.count() == 2


def test_that_somebody_clicked_stays_and_on_what_goes(ana):
    click = {"is_click": True, "url": "https://example.com/?name=Ana", "agent": "Ana's telephone", "flagged": False}
    Engagement.objects.create(
        id=new_id(), message=make_message(contact=ana, to_email=ANA), at=timezone.now(), signs=[], **click
    )

    erase(external_id="ana", by="root")

    left = Engagement.objects.get()
    assert (left.is_click, left.url, left.agent) == (True, "", "")


def test_an_event_that_was_not_decided_on_enters_nobody(ana):
    flow = make_flow()
    make_event(flow.trigger, ana)

    erase(external_id="ana", by="root")

    assert react_to_due_events() == 0
    assert not Enrollment.objects.exists()


def test_live_enrollments_leave_and_step_runs_keep_the_way_only(ana):
    enrollment = make_enrollment(contact=ana, entry_key="Ana's cart")
    StepRun.objects.create(
        enrollment=enrollment, step_key="a", visit=1, result={"kind": "branch", "next": "b", "trace": {"seen": "Ana"}}
    )

    erase(external_id="ana", by="root")

    left = Enrollment.objects.get(pk=enrollment.pk)
    assert (left.status, left.due_at, left.entry_key) == ("erased", None, f"erased:{enrollment.pk}")
    assert left.ended_at is not None
    assert StepRun.objects.get().result == {"kind": "branch", "next": "b"}
    assert advance_due_enrollments() == 0


@pytest.mark.parametrize(
    ("status", "after"),
    [
        ("queued", ("withheld", "erased")),
        ("held", ("withheld", "erased")),
        ("sending", ("sending", "")),
        ("uncertain", ("uncertain", "unknown")),
        ("delivered", ("delivered", "")),
    ],
)
def test_what_waits_is_withheld_and_what_was_sent_keeps_its_status(ana, status, after):
    reason = "unknown: Ana did not answer" if status == "uncertain" else ""
    message = make_message(contact=ana, to_email=ANA, status=status, reason=reason, values={"name": "Ana"})
    Attempt.objects.create(
        message=message, number=1, account=message.account, outcome="unknown", detail="Ana", began_at=timezone.now(),
        ended_at=timezone.now(),
    )  # fmt: skip

    erase(external_id="ana", by="root")

    left = Message.objects.get(pk=message.pk)
    assert (left.to_email, left.values) == ("", {})
    assert (left.status, left.reason) == after
    assert Attempt.objects.get().detail == ""


def test_what_comes_back_from_its_worker_unsent_is_withheld_then(ana):
    account = make_account()
    message = make_message(contact=ana, to_email=ANA, account=account, status="sending")
    erase(external_id="ana", by="root")
    Message.objects.filter(pk=message.pk).update(status="queued")

    claim(account=account, lane=Lane.TRANSACTIONAL, limit=10, epoch=marks.epoch())

    message.refresh_from_db()
    assert (message.status, message.reason) == ("withheld", "erased")


def test_all_addresses_that_were_ever_mailed_stay_suppressed(ana):
    make_message(contact=ana, to_email="ana.before@example.com", status="sent")

    erase(external_id="ana", by="root")

    hashes = {bytes(row.address_hash): (row.reason, row.scope) for row in Suppression.objects.all()}
    assert hashes == dict.fromkeys([hash_address(ANA), hash_address("ana.before@example.com")], ("erased", "marketing"))


def test_an_opt_out_of_before_stays_and_what_proves_it_goes(ana):
    topic = make_topic()
    Suppression.objects.create(
        address_hash=hash_address(ANA), topic=topic, scope="marketing", reason="unsubscribed", source="page",
        evidence={"name": "Ana"}, note="called us",
    )  # fmt: skip
    Consent.objects.create(
        address_hash=hash_address(ANA), topic=topic, decision="withdrawn", source="page", ip="192.0.2.1",
        user_agent="Ana's", proof={"name": "Ana"}, at=timezone.now(),
    )  # fmt: skip

    erase(external_id="ana", by="root")

    opt_out = Suppression.objects.get(reason="unsubscribed")
    assert (opt_out.topic, opt_out.evidence, opt_out.note) == (topic, {}, "")
    word = Consent.objects.get()
    assert (word.decision, word.ip, word.user_agent, word.proof) == ("withdrawn", None, "", {})


def test_the_ledger_stays_append_only_afterwards(ana):
    erase(external_id="ana", by="root")
    word = Consent.objects.create(
        address_hash=hash_address(ANA), topic=make_topic(), decision="granted", source="page", at=timezone.now()
    )

    with pytest.raises(Exception, match="append-only"):
        Consent.objects.filter(pk=word.pk).update(source="other")


def test_the_admins_log_forgets_the_name(ana, admin_user):
    kind = ContentType.objects.get_for_model(Contact)
    LogEntry.objects.create(
        user=admin_user, content_type=kind, object_id=str(ana.pk), object_repr="ana", action_flag=CHANGE,
        change_message="Ana called",
    )  # fmt: skip

    erase(external_id="ana", by="root")

    entry = LogEntry.objects.get()
    assert (entry.object_repr, entry.change_message) == ("an erased contact", "")


def test_nobody_else_is_touched(ana):
    other = make_contact(email="bea@example.com", attributes={"name": "Bea"})
    event = make_event(contact=other, payload={"name": "Bea"})
    message = make_message(contact=other, to_email="bea@example.com", values={"name": "Bea"})

    erase(external_id="ana", by="root")

    assert Contact.objects.get(pk=other.pk).email == "bea@example.com"
    assert Event.objects.get(pk=event.pk).payload == {"name": "Bea"}
    assert Message.objects.get(pk=message.pk).values == {"name": "Bea"}


def test_statements_do_not_depend_on_how_much_there_is(ana, django_assert_max_num_queries):
    for _ in range(5):
        make_event(contact=ana)
        make_message(contact=ana)
    erase(external_id=make_contact().external_id, by="root")  # Content types are cached from here on.

    with django_assert_max_num_queries(27):
        erase(external_id="ana", by="root")
