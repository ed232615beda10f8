from automation.delivery.outcomes import Outcome
from tests.automation.delivery.errors.answers.case import Case


def _fault(name, outcome):
    return Case(name, 500, {"status": "error", "code": -1, "name": name, "message": "No."}, outcome)


def _refused(reason, outcome, address_refused, status="rejected"):
    body = [{"email": "ana@example.com", "status": status, "reject_reason": reason, "_id": "1"}]
    return Case(f"{status} {reason}", 200, body, outcome, address_refused)


CASES = [
    _fault("Invalid_Key", Outcome.ACCOUNT),
    _fault("PaymentRequired", Outcome.ACCOUNT),
    _fault("Unknown_Subaccount", Outcome.ACCOUNT),
    _fault("ValidationError", Outcome.REJECTED),
    _fault("GeneralError", Outcome.UNKNOWN),
    *(_refused(reason, Outcome.REJECTED, True) for reason in ("hard-bounce", "spam", "unsub", "custom", None)),
    _refused("invalid", Outcome.REJECTED, True, status="invalid"),
    *(_refused(reason, Outcome.REJECTED, False) for reason in ("rule", "soft-bounce")),
    *(_refused(reason, Outcome.ACCOUNT, False) for reason in ("unsigned", "invalid-sender", "test-mode-limit")),
    Case("no word of the message", 200, [], Outcome.UNKNOWN),
    Case("taken", 200, [{"email": "ana@example.com", "status": "queued", "_id": "esp-1"}], Outcome.ACCEPTED),
]
