from datetime import timedelta

from automation.delivery.outcomes import Outcome
from tests.automation.delivery.errors.answers.case import Case


def _fault(status, code, message, outcome, **more):
    return Case(f"{code} {message[:20]}", status, {"code": code, "message": message}, outcome, **more)


CASES = [
    _fault(401, "unauthorized", "Key not found", Outcome.ACCOUNT),
    _fault(
        401, "unauthorized", "We have detected you are using an unrecognised IP address 192.0.2.1.", Outcome.ACCOUNT
    ),
    _fault(402, "not_enough_credits", "Your account does not have enough credits.", Outcome.ACCOUNT),
    _fault(402, "account_under_validation", "Your account is under validation.", Outcome.ACCOUNT),
    _fault(400, "account_under_validation", "Your account is under validation.", Outcome.ACCOUNT),
    _fault(403, "permission_denied", "Your SMTP account is not yet activated.", Outcome.ACCOUNT),
    _fault(
        400,
        "invalid_parameter",
        "Sending has been rejected because the sender you used shop@example.com is not valid. Validate your sender.",
        Outcome.ACCOUNT,
    ),
    _fault(400, "invalid_parameter", "email is not valid in to", Outcome.REJECTED, address_refused=True),
    _fault(400, "invalid_parameter", "Invalid headers", Outcome.REJECTED),
    _fault(400, "missing_parameter", "subject is missing", Outcome.REJECTED),
    _fault(
        400, "duplicate_request", "The same request was made before (how Brevo puts it is a guess).", Outcome.UNKNOWN
    ),
    Case(
        "too fast",
        429,
        {"message": "Too many requests"},
        Outcome.THROTTLED,
        headers={"x_sib_ratelimit_reset": "17"},
        pause=timedelta(seconds=17),
    ),
]
