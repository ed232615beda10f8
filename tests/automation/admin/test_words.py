from datetime import UTC, datetime, timedelta

import pytest

from automation.admin import words
from automation.delivery.outcomes import Outcome
from automation.enrollments.enter import Verdict
from suppression.models import Reason

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moved", "said"),
    [
        (timedelta(days=2, hours=5), "in 2 days"),
        (-timedelta(minutes=5, seconds=3), "5 minutes ago"),
        (-timedelta(seconds=3), "just now"),
        (timedelta(seconds=3), "now"),
    ],
)
def test_a_distance_in_time_is_said_in_its_largest_unit(moved, said):
    assert words.distance(NOW + moved, NOW) == said


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("unsubscribed", "the person has unsubscribed"),
        ("missing_value: name", "a value that the template needs is missing: name"),
        (
            "attempts_exhausted: throttled: 429 Too many",
            "given up after the last attempt: the ESP asked us to slow down: 429 Too many",
        ),
        ("never seen before: really", "never seen before: really"),
        ("rejected: ", "the ESP refused it"),
        ("", ""),
    ],
)
def test_a_reason_is_said_in_words_and_keeps_what_the_esp_said(stored, said):
    assert words.reason(stored) == said


def test_there_are_words_for_every_code():
    assert set(Verdict) <= set(words.VERDICTS)
    assert set(Reason) <= set(words.REASONS)
    assert set(Outcome) - {Outcome.ACCEPTED} <= set(words.REASONS)
