"""Who opens or clicks moves up, and so does what is held for them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from automation.delivery.engage import engage
from automation.delivery.stamp import Report, Stage
from tests.factories import make_account, make_contact, make_message

pytestmark = pytest.mark.django_db

NOW = timezone.now()
HOUR = timedelta(hours=1)


def report_on(message, **fields):
    known = {"account_id": message.account_id, "message_id": message.pk, "esp_message_id": ""}
    return Report(**{**known, "stage": Stage.OPENED, "at": NOW, **fields})


def engaged_at(row):
    row.refresh_from_db()
    return row.engaged_at


@pytest.mark.parametrize("stage", [Stage.OPENED, Stage.CLICKED])
def test_an_open_or_a_click_engages(stage):
    message = make_message(contact=make_contact())

    engage([report_on(message, stage=stage)])

    assert engaged_at(message.contact) == NOW


@pytest.mark.parametrize("stage", set(Stage) - {Stage.OPENED, Stage.CLICKED})
def test_nothing_else_does_or_costs_a_statement(stage, django_assert_num_queries):
    message = make_message(contact=make_contact())

    with django_assert_num_queries(0):
        engage([report_on(message, stage=stage)])


def test_the_latest_counts_in_whatever_order_they_come():
    message = make_message(contact=make_contact())
    reports = [report_on(message, at=NOW - hours * HOUR) for hours in (5, 2, 9)]

    engage(reports[:2])
    engage(reports)

    assert engaged_at(message.contact) == NOW - 2 * HOUR


def test_within_an_hour_nothing_is_written_again():
    contact = make_contact(engaged_at=NOW - HOUR / 2)

    engage([report_on(make_message(contact=contact))])

    assert engaged_at(contact) == NOW - HOUR / 2


def test_a_clock_that_is_ahead_puts_nobody_ahead():
    message = make_message(contact=make_contact())

    engage([report_on(message, at=NOW + timedelta(days=365))])

    assert engaged_at(message.contact) < timezone.now() + HOUR


def test_the_esps_own_id_is_enough():
    message = make_message(contact=make_contact(), esp_message_id="esp-1")

    engage([report_on(message, message_id=None, esp_message_id="esp-1")])

    assert engaged_at(message.contact) == NOW


def test_an_account_has_no_say_in_anothers_messages():
    message = make_message(contact=make_contact(), esp_message_id="esp-1")

    engage([report_on(message, account_id=make_account().pk)])
    engage([report_on(message, account_id=make_account().pk, message_id=None, esp_message_id="esp-1")])

    assert engaged_at(message.contact) is None


def test_without_a_contact_or_a_message_nothing_happens():
    erased = make_message(contact=None)

    engage([report_on(erased), report_on(erased, message_id=None, esp_message_id="unknown")])


def test_what_is_held_for_the_contact_moves_up_and_nothing_else_changes():
    contact = make_contact()
    opened = make_message(contact=contact, status="sent")
    held = make_message(contact=contact, status="held")
    queued = make_message(contact=contact)
    strangers = make_message(contact=make_contact(), status="held")

    engage([report_on(opened)])

    assert [engaged_at(one) for one in (held, queued, opened, strangers)] == [NOW, None, None, None]


def test_any_number_costs_one_statement(django_assert_num_queries):
    reports = [report_on(make_message(contact=make_contact())) for _ in range(20)]

    with django_assert_num_queries(1):
        engage(reports)
