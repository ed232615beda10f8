from automation.delivery.outcomes import Outcome
from tests.automation.delivery.errors.answers.case import Case


def _fault(code, outcome):
    body = {"status": "error", "time": 0.01, "flags": {}, "data": {"code": code, "message": "No."}}
    return Case(code, 200, body, outcome)


CASES = [
    *(_fault(code, Outcome.ACCOUNT) for code in ("InvalidServerAPIKey", "AccessDenied", "ServerSuspended")),
    *(_fault(code, Outcome.ACCOUNT) for code in ("UnauthenticatedFromAddress", "FromAddressMissing")),
    *(_fault(code, Outcome.REJECTED) for code in ("NoRecipients", "NoContent", "TooManyToAddresses")),
    Case("parameter-error", 200, {"status": "parameter-error", "data": {"message": "No."}}, Outcome.REJECTED),
    Case("no word of the message", 200, {"status": "success", "data": {"messages": {}}}, Outcome.UNKNOWN),
    Case(
        "taken",
        200,
        {"status": "success", "data": {"message_id": "m", "messages": {"ana@example.com": {"id": 1, "token": "t"}}}},
        Outcome.ACCEPTED,
    ),
]
