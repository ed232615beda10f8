"""How long an ESP asks to be left alone, in whatever form it writes that."""

from datetime import timedelta
from email.utils import format_datetime

import pytest

from automation.delivery.errors.pauses import MAX_PAUSE, asked_pause, pause_until
from tests.automation.delivery.errors.conftest import AT


@pytest.mark.parametrize(
    ("asked", "pause"),
    [
        ("7", timedelta(seconds=7)),
        ("0.5", timedelta(seconds=0.5)),
        ("0", timedelta(0)),
        (format_datetime(AT + timedelta(minutes=3), usegmt=True), timedelta(minutes=3)),
        ("Tue, 24 Nov 2026 14:00:00 +0100", timedelta(hours=1)),
        ("Tuesday, 24-Nov-26 12:00:09 GMT", timedelta(seconds=9)),
        ("Tue Nov 24 12:00:09 2026", timedelta(seconds=9)),
        (format_datetime(AT - timedelta(days=400), usegmt=True), timedelta(0)),
        ("99999999", MAX_PAUSE),
        ("Tue, 24 Nov 2099 12:00:00 GMT", MAX_PAUSE),
        # As providers write it in headers of their own.
        (str(int(AT.timestamp()) + 9), timedelta(seconds=9)),
        (str(int(AT.timestamp()) * 1_000 + 9_000), timedelta(seconds=9)),
        (str(int(AT.timestamp()) - 9), timedelta(0)),
        ("2026-11-24T12:00:09Z", timedelta(seconds=9)),
        ("2026-11-24 12:00:09", timedelta(seconds=9)),
        ("2026-11-25", timedelta(hours=12)),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("5 minutes", None),
        ("9" * 400, None),
        ("nan", None),
        ("1e999", None),
        ("2026-99-99", None),
        ("Tue, 99 Foo 2026 99:99:99", None),
        ("²", None),
    ],
)
def test_a_pause_is_read_and_bounded(asked, pause):
    assert pause_until(asked, AT) == (None if pause is None else AT + pause)


@pytest.mark.parametrize(
    ("asked", "least", "pause"),
    [("7", 60, 60), ("70", 60, 70), ("", 60, 60), ("soon", 60, 60), ("99999999", 60, MAX_PAUSE.total_seconds())],
)
def test_a_quota_that_is_used_up_is_not_asked_for_again_at_once(asked, least, pause):
    assert pause_until(asked, AT, least=timedelta(seconds=least)) == AT + timedelta(seconds=pause)


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({}, ""),
        ({"Retry-After": " 5 "}, "5"),
        ({"X-Reset": "9"}, "9"),
        ({"X-Reset": "9", "Retry-After": "5"}, "5"),
        ({"X-Reset": "9", "Retry-After": " "}, "9"),
        ({"X-Other": "9"}, ""),
    ],
)
def test_retry_after_goes_before_the_providers_own_header(headers, asked):
    assert asked_pause(headers, ["X-Reset"]) == asked
