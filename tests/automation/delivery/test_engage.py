"""Who opens or clicks moves up, and so does what is held for them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.core.ids import new_id
from automation.delivery.engage import engage, lock_contacts
from automation.delivery.machines import Engaged
from automation.delivery.stamp import Report, Stage
from tests.factories import make_contact, make_message

pytestmark = pytest.mark.django_db

NOW = timezone.now()
HOUR = timedelta(hours=1)


def report_on(message, **fields):
    known = {"account_id": message.account_id, "message_id": message.pk, "esp_message_id": "", "at": NOW}
    engaged = Engaged(new_id(), is_click=False, at=NOW, url="", agent="", flagged=False)
    return Report(**{**known, "stage": Stage.OPENED, "engaged": engaged, **fields})


def locked_by(*reports):
    with CaptureQueriesContext(connection) as queries, connection.cursor() as cursor:
        lock_contacts(reports)
        if not queries.captured_queries:
            return None
        cursor.execute(queries.captured_queries[0]["sql"].replace("SELECT FROM", "SELECT id FROM"))
        return [pk for (pk,) in cursor.fetchall()]


def engaged_at(row):
    row.refresh_from_db()
    return row.engaged_at


def test_who_opens_or_clicks_is_engaged():
    contact, other = make_contact(), make_contact()

    engage({contact.pk: NOW})

    assert (engaged_at(contact), engaged_at(other)) == (NOW, None)


def test_the_latest_counts_in_whatever_order_they_come():
    contact = make_contact()

    for hours in (5, 2, 9):
        engage({contact.pk: NOW - hours * HOUR})

    assert engaged_at(contact) == NOW - 2 * HOUR


def test_within_an_hour_nothing_is_written_again():
    contact = make_contact(engaged_at=NOW - HOUR / 2)

    engage({contact.pk: NOW})

    assert engaged_at(contact) == NOW - HOUR / 2


def test_a_clock_that_is_ahead_puts_nobody_ahead():
    contact = make_contact()

    engage({contact.pk: NOW + timedelta(days=365)})

    assert engaged_at(contact) < timezone.now() + HOUR


def test_what_is_held_for_the_contact_moves_up_and_nothing_else_changes():
    contact = make_contact()
    held = make_message(contact=contact, status="held")
    queued = make_message(contact=contact)
    strangers = make_message(contact=make_contact(), status="held")

    engage({contact.pk: NOW})

    assert [engaged_at(one) for one in (held, queued, strangers)] == [NOW, None, None]


def test_any_number_costs_one_statement_and_none_none(django_assert_num_queries):
    contacts = [make_contact() for _ in range(20)]

    with django_assert_num_queries(1):
        engage({contact.pk: NOW for contact in contacts})
    with django_assert_num_queries(0):
        engage({})


def test_the_contacts_concerned_are_locked_before_their_messages():
    messages = [make_message(contact=make_contact(), esp_message_id=f"esp-{n}") for n in range(3)]
    lately = make_message(contact=make_contact(engaged_at=NOW))
    reports = [report_on(messages[2]), report_on(messages[0], message_id=None, esp_message_id="esp-0")]

    assert locked_by(*reports, report_on(lately)) == [messages[0].contact_id, messages[2].contact_id]
    assert locked_by(report_on(messages[1], engaged=None, stage=Stage.DELIVERED)) is None
