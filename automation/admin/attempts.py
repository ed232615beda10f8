"""Attempts to hand a message to its ESP, in the admin's words."""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from automation.admin import words
from automation.admin.tables import Table, when
from automation.delivery.models import Attempt, Message


def error_of(attempts: Sequence[Attempt]) -> SafeString | str:
    """What came of the one among them, and when. None: a dash."""
    if not attempts:
        return "-"
    [attempt] = attempts
    return format_html("{}, {}", words.REASONS.get(attempt.outcome, attempt.outcome), when(attempt.ended_at))


def attempts_table(message: Message, *, in_full: bool) -> Table:
    """`in_full`: with the ESP's own words, which may name the address."""
    return Table(
        "Attempts to hand it to the ESP",
        ["Attempt", "When", "Took", "What came of it", "HTTP", "The ESP said"],
        [
            [
                attempt.number,
                when(attempt.began_at),
                f"{(attempt.ended_at - attempt.began_at).total_seconds():.2f} s",
                words.REASONS.get(attempt.outcome, attempt.outcome),
                attempt.status_code or "-",
                (in_full and attempt.detail) or "-",
            ]
            for attempt in message.attempt_set.order_by("pk")
        ],
        empty="None yet.",
    )
