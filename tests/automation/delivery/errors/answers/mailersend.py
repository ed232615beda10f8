from datetime import timedelta

from automation.delivery.outcomes import Outcome
from tests.automation.delivery.errors.answers.case import Case


def _fault(field, message, outcome, address_refused=False):
    body = {"message": "The given data was invalid.", "errors": {field: [message]}}
    return Case(message[:50], 422, body, outcome, address_refused)


def _suppressed(key, reason):
    person = {"email": "ana@example.com", "name": "", key: [reason]}
    warning = {"type": "ALL_SUPPRESSED", "warning": "All recipients have been suppressed.", "recipients": [person]}
    body = {"message": "There are some warnings for your request.", "warnings": [warning]}
    return Case(f"{key} {reason}", 202, body, Outcome.REJECTED, address_refused=True)


CASES = [
    _fault("from.email", "The from.email domain must be verified in your account. #MS42207", Outcome.ACCOUNT),
    _fault("to", "You have reached trial account unique recipients limit. #MS42225", Outcome.ACCOUNT),
    _fault("to.0.email", "The to.0.email must be a valid email address.", Outcome.REJECTED, True),
    _fault("subject", "The subject may not be greater than 998 characters.", Outcome.REJECTED),
    *(_suppressed("reason", word) for word in ("hard_bounced", "spam_complaint", "unsubscribed", "blocklisted")),
    _suppressed("reasons", "blocklisted"),
    Case("key", 401, {"message": "Unauthenticated."}, Outcome.ACCOUNT),
    Case(
        "too fast",
        429,
        {"message": "Too Many Attempts."},
        Outcome.THROTTLED,
        headers={"Retry_After": "59"},
        pause=timedelta(seconds=59),
    ),
    Case(
        "quota",
        429,
        {"message": "Daily API quota limit was reached."},
        Outcome.THROTTLED,
        headers={"x_apiquota_reset": "2026-11-24T12:30:00Z"},
        pause=timedelta(minutes=30),
    ),
    Case("202 without id", 202, b"", Outcome.UNKNOWN, headers={"Content_Type": "text/plain"}),
    Case("taken", 202, b"", Outcome.ACCEPTED, headers={"Content_Type": "text/html", "X_Message_Id": "esp-1"}),
    Case(
        "taken, sending paused at MailerSend",
        202,
        b"",
        Outcome.ACCEPTED,
        headers={"Content_Type": "text/html", "X_Message_Id": "esp-1", "X_Send_Paused": "true"},
    ),
]
