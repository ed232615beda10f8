from datetime import timedelta

from automation.delivery.outcomes import Outcome
from tests.automation.delivery.errors.answers.case import Case


def _fault(status, field, message, outcome, **more):
    body = {"errors": [{"message": message, "field": field, "help": None}]}
    return Case(f"{status} {message[:40]}", status, body, outcome, **more)


CASES = [
    _fault(401, None, "The provided authorization grant is invalid, expired, or revoked", Outcome.ACCOUNT),
    _fault(401, None, "Maximum credits exceeded", Outcome.ACCOUNT),
    _fault(403, "from", "The from address does not match a verified Sender Identity.", Outcome.ACCOUNT),
    _fault(400, "from.email", "The from email does not contain a valid address.", Outcome.ACCOUNT),
    _fault(
        400,
        "personalizations.0.to.0.email",
        "Does not contain a valid address.",
        Outcome.REJECTED,
        address_refused=True,
    ),
    _fault(400, "reply_to.email", "Does not contain a valid address.", Outcome.REJECTED),
    _fault(400, "subject", "The subject is required.", Outcome.REJECTED),
    Case("too large", 413, b"", Outcome.REJECTED),
    _fault(
        429,
        None,
        "too many requests",
        Outcome.THROTTLED,
        headers={"X_RateLimit_Reset": "1795521630"},  # Half a minute after the tests' clock.
        pause=timedelta(seconds=30),
    ),
    Case("a server's error", 503, b"", Outcome.UNKNOWN, headers={"X_RateLimit_Reset": "1795521630"}),
    Case("a page with 200", 200, b"<html>Hello</html>", Outcome.UNKNOWN),
    Case("202, but not SendGrid's", 202, b"", Outcome.UNKNOWN),
    Case("taken", 202, b"", Outcome.ACCEPTED, headers={"X_Message_Id": "esp-1"}),
]
