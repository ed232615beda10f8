"""Each fault has a number."""

from datetime import timedelta

from automation.delivery.errors.base import Answers, Row, Shape
from automation.delivery.outcomes import Outcome

_DOMAIN = "Set up and verify the sender's domain at SparkPost."

SPARKPOST = Answers(
    source="https://support.sparkpost.com/docs/tech-resources/extended-error-codes",
    shapes=(Shape("errors.[]", code="code", text="message description"),),
    rows=(
        Row(Outcome.ACCOUNT, code="7000|7001", do=_DOMAIN),
        Row(Outcome.REJECTED, code="1902", text="recipient address suppressed", address_refused=True),
        Row(Outcome.REJECTED, code="5002", address_refused=True),  # No valid recipients.
        Row(Outcome.THROTTLED, code="2101", pause=timedelta(minutes=10)),  # The hour's limit …
        Row(Outcome.THROTTLED, code="2102", pause=timedelta(hours=1)),  # … and the day's.
        Row(
            Outcome.ACCOUNT,
            code="2103",
            do="The sandbox domain's few mails are used up: " + _DOMAIN[0].lower() + _DOMAIN[1:],
        ),
        Row(Outcome.ACCOUNT, code="2105", do="The month's mails are used up: take a larger plan."),
        Row(Outcome.THROTTLED, status=420),
        Row(Outcome.THROTTLED, code="1502|1900", pause=timedelta(minutes=1)),  # “Retry later”, in its own words.
    ),
)
