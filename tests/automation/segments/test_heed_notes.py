"""Segments that count mails that were sent follow whichever way that becomes known; others cost nothing for it."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.delivery.claim import claim
from automation.delivery.models import Message
from automation.delivery.outcomes import Outcome, SendResult
from automation.delivery.send import Result
from automation.delivery.settle import settle
from automation.delivery.stamp import Report, Stage, stamp_many
from automation.delivery.verdict import arrived
from automation.models import SegmentCheck, SegmentNote
from automation.segments import keep as keep_module
from automation.segments.heed_notes import heed_notes
from automation.segments.revise import revise
from tests.automation.segments.keeping import keep_on, members
from tests.factories import make_contact, make_message, make_segment, make_template

pytestmark = pytest.mark.django_db


def sent(message, at=None):
    Message.objects.filter(pk=message.pk).update(status="sent", sent_at=at or timezone.now())


def test_who_is_sent_a_mail_comes_in_and_nobody_else():
    template = make_template()
    contact = make_contact()
    segment = make_segment({"mail": "sent", "template": template.key})
    other, ours = make_message(contact=contact), make_message(contact=contact, template=template)
    make_message(contact=make_contact(), template=template)

    sent(other)
    keep_on()
    after_another = members(segment)
    sent(ours)
    keep_on()

    assert (after_another, members(segment)) == (set(), {contact.pk})
    assert not SegmentNote.objects.exists()


def test_time_alone_moves_who_was_sent_nothing_for_a_while(monkeypatch):
    quiet = make_segment({"mail": "sent", "at_most": 0, "within": {"days": 7}})
    contact, at = make_contact(), timezone.now()
    keep_on()
    before = members(quiet)
    sent(make_message(contact=contact), at)
    keep_on()
    after = members(quiet)

    monkeypatch.setattr(keep_module.timezone, "now", lambda: at + timedelta(days=7))
    keep_on()

    assert (before, after, members(quiet)) == ({contact.pk}, set(), {contact.pk})


def test_only_the_segments_that_count_it_are_asked():
    contact = make_contact()
    segment = make_segment({"mail": "sent", "at_least": 3})
    make_segment({"field": "contact.language", "op": "eq", "value": "pt"})
    make_segment({"mail": "opened"})
    for _ in range(2):
        sent(make_message(contact=contact))

    assert heed_notes() == 1
    assert list(SegmentCheck.objects.values_list("segment_id", "contact_id")) == [(segment.pk, contact.pk)]


def test_nothing_is_noted_where_no_segment_counts_it():
    make_segment({"mail": "clicked"})
    changed = make_segment({"mail": "sent"})
    changed.rule = {"mail": "opened"}
    changed.save()
    revise(changed)

    sent(make_message(contact=make_contact()))

    assert not SegmentNote.objects.exists()


def test_only_what_becomes_sent_is_noted():
    make_segment({"mail": "sent"})
    message = make_message(contact=make_contact())
    sent(message)
    sent(make_message(contact=None))
    Message.objects.update(status="delivered", delivered_at=timezone.now())
    Message.objects.update(sent_at=Message.objects.get(pk=message.pk).sent_at)

    assert SegmentNote.objects.count() == 1


def test_a_persons_verdict_counts():
    segment = make_segment({"mail": "sent"})
    contact, now = make_contact(), timezone.now()
    make_message(contact=contact, status="uncertain", uncertain_at=now)

    arrived(Message.objects.all(), because="the ESP's log says so", asked_at=now)
    keep_on()

    assert members(segment) == {contact.pk}


def test_an_accepted_call_counts():
    segment = make_segment({"mail": "sent"})
    contact = make_contact()
    message = make_message(contact=contact)
    [one] = claim(account=message.account, lane=message.lane, limit=1, epoch=7).claimed
    now = timezone.now()

    settle([Result(one, SendResult(Outcome.ACCEPTED, esp_message_id="esp-1"), now, now)], message.account)
    keep_on()

    assert members(segment) == {contact.pk}


@pytest.mark.parametrize("status", ["uncertain", "sending", "failed"])
def test_a_webhook_counts_that_says_so_of_a_message_that_nobody_knew_about(status):
    segment = make_segment({"mail": "sent"})
    contact = make_contact()
    message = make_message(contact=contact, status=status)
    told = Report(message.account_id, message.pk, "esp-1", Stage.DELIVERED, timezone.now())

    stamp_many([told])
    keep_on()

    assert members(segment) == {contact.pk}


def test_an_earlier_time_that_comes_to_be_known_has_the_contact_leave_in_time(monkeypatch):
    segment = make_segment({"mail": "sent", "within": {"days": 7}})
    message, at = make_message(contact=make_contact()), timezone.now()
    sent(message, at)
    keep_on()
    earlier = at - timedelta(hours=1)

    stamp_many([Report(message.account_id, message.pk, "esp-1", Stage.SENT, earlier)])
    keep_on()

    assert SegmentCheck.objects.get(segment=segment).due_at == earlier + timedelta(days=7)


def test_a_note_that_is_rolled_back_with_its_mail_moves_nobody():
    segment = make_segment({"mail": "sent"})
    message = make_message(contact=make_contact())
    with transaction.atomic():
        sent(message)
        transaction.set_rollback(True)
    keep_on()

    assert members(segment) == set()


def test_the_number_of_statements_does_not_depend_on_how_many_were_sent():
    make_segment({"mail": "sent"})

    def statements(contacts):
        for _ in range(contacts):
            sent(make_message(contact=make_contact()))
        with CaptureQueriesContext(connection) as captured:
            assert heed_notes() == contacts
        return len(captured)

    assert statements(1) == statements(20)
