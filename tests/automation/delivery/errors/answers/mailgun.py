from datetime import timedelta

from automation.delivery.outcomes import Outcome
from tests.automation.delivery.errors.answers.case import Case


def _fault(status, message, outcome, **more):
    return Case(f"{status} {message[:40]}", status, {"message": message}, outcome, **more)


_SANDBOX = (
    "Sandbox subdomains are for test purposes only. Please add your own domain or add the address to authorized …"
)

CASES = [
    Case("key", 401, b"Forbidden", Outcome.ACCOUNT, headers={"Content_Type": "text/plain"}),
    _fault(404, "Domain not found: example.com", Outcome.ACCOUNT),
    Case("wrong path", 200, b"Mailgun Magnificent API", Outcome.ACCOUNT),
    _fault(403, _SANDBOX, Outcome.ACCOUNT),
    _fault(400, _SANDBOX, Outcome.ACCOUNT),
    _fault(403, "Free accounts are for test purposes only. Please upgrade …", Outcome.ACCOUNT),
    _fault(400, "Domain example.com is not allowed to send: The domain is unverified.", Outcome.ACCOUNT),
    _fault(400, "'from' parameter is not a valid address. please check documentation", Outcome.ACCOUNT),
    _fault(
        400,
        "'to' parameter is not a valid address. please check documentation",
        Outcome.REJECTED,
        address_refused=True,
    ),
    _fault(400, "Need at least one of 'text' or 'html' parameters specified", Outcome.REJECTED),
    _fault(402, "Request Failed", Outcome.ACCOUNT),
    _fault(
        429,
        "Too many requests",
        Outcome.THROTTLED,
        headers={"X_RateLimit_Reset": "1795521630000"},  # In milliseconds: half a minute after the tests' clock.
        pause=timedelta(seconds=30),
    ),
    _fault(200, "Something other than what is documented", Outcome.UNKNOWN),
    Case("taken", 200, {"id": "<esp-1@example.com>", "message": "Queued. Thank you."}, Outcome.ACCEPTED),
]
