from automation.delivery.outcomes import Outcome
from tests.automation.delivery.errors.answers.case import Case


def _failed(reason, address_refused):
    body = {"status": "success", "job_id": "1ZymBc", "emails": [], "failed_emails": {"ana@example.com": reason}}
    return Case(reason, 200, body, Outcome.REJECTED, address_refused)


CASES = [
    *(_failed(word, True) for word in ("invalid", "permanent_unavailable", "unsubscribed", "complained")),
    *(_failed(word, False) for word in ("temporary_unavailable", "blocked")),
    Case(
        "key (status and code are a guess)",
        401,
        {"status": "error", "code": 102, "message": "Error ID:7. Can not decode key."},
        Outcome.ACCOUNT,
    ),
    Case("fault", 400, {"status": "error", "code": 150, "message": "Error ID:7. No."}, Outcome.REJECTED),
    Case("no word of the message", 200, {"status": "success", "job_id": "1", "emails": []}, Outcome.UNKNOWN),
    Case("taken", 200, {"status": "success", "job_id": "1", "emails": ["ana@example.com"]}, Outcome.ACCEPTED),
]
