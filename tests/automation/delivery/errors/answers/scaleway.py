from automation.delivery.outcomes import Outcome
from tests.automation.delivery.errors.answers.case import Case


def _taken(status):
    return {"emails": [{"id": "esp-1", "mail_rcpt": "ana@example.com", "status": status}]}


CASES = [
    Case(
        "key",
        401,
        {"message": "authentication is denied", "method": "api_key", "type": "denied_authentication"},
        Outcome.ACCOUNT,
    ),
    Case("rights", 403, {"message": "insufficient permissions", "type": "permissions_denied"}, Outcome.ACCOUNT),
    Case("quota", 403, {"message": "quota exceeded", "type": "quotas_exceeded"}, Outcome.ACCOUNT),
    Case("sender (type is a guess)", 400, {"message": "Invalid email from address", "type": "x"}, Outcome.ACCOUNT),
    Case("other fault", 400, {"message": "invalid argument(s)", "type": "invalid_arguments"}, Outcome.REJECTED),
    Case("no word of the message", 200, {"emails": []}, Outcome.UNKNOWN),
    Case("taken, and failed", 200, _taken("failed"), Outcome.UNKNOWN),
    Case("taken", 200, _taken("sending"), Outcome.ACCEPTED),
]
