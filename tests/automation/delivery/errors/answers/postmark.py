from datetime import timedelta

from automation.delivery.outcomes import Outcome
from tests.automation.delivery.errors.answers.case import Case


def _fault(code, message, outcome, address_refused=False):
    return Case(message[:40], 422, {"ErrorCode": code, "Message": message}, outcome, address_refused)


CASES = [
    Case(
        "bad token",
        401,
        {"ErrorCode": 10, "Message": "Request does not contain a valid Server token."},
        Outcome.ACCOUNT,
    ),
    _fault(10, "No Account or Server API tokens were supplied in the HTTP headers.", Outcome.ACCOUNT),
    _fault(300, "Invalid 'To' address: 'ana@example.com'.", Outcome.REJECTED, True),
    _fault(300, "Error parsing 'To': Illegal email domain 'x' in address 'ana@example.com'.", Outcome.REJECTED, True),
    _fault(300, "Invalid 'From' address: 'shop@example.com'.", Outcome.ACCOUNT),
    _fault(300, "Error parsing 'From': Illegal email domain.", Outcome.ACCOUNT),
    _fault(300, "Error parsing 'Reply-To': Illegal email domain 'x' in address 'a@x'.", Outcome.REJECTED),
    _fault(300, "Invalid metadata content.", Outcome.REJECTED),
    _fault(400, "The 'From' address you supplied is not a Sender Signature on your account.", Outcome.ACCOUNT),
    _fault(401, "The 'From' address is not confirmed.", Outcome.ACCOUNT),
    _fault(402, "Received invalid JSON input.", Outcome.REJECTED),
    _fault(405, "You ran out of credits and can no longer send messages.", Outcome.ACCOUNT),
    _fault(
        406,
        "You tried to send to a recipient that has been marked as inactive.\nFound inactive addresses:"
        " ana@example.com.\nInactive recipients are ones that have generated a hard bounce or a spam complaint.",
        Outcome.REJECTED,
        True,
    ),
    _fault(412, "While your account is pending approval, all recipient addresses must share …", Outcome.ACCOUNT),
    _fault(413, "The account you are using may not send email.", Outcome.ACCOUNT),
    _fault(1235, "The 'MessageStream' provided does not exist on this server.", Outcome.ACCOUNT),
    Case("too fast", 429, {"ErrorCode": 429, "Message": "Rate limit exceeded."}, Outcome.THROTTLED),
    Case(
        "maintenance",
        503,
        {"ErrorCode": 100, "Message": "The Postmark API is offline for maintenance."},
        Outcome.THROTTLED,
        pause=timedelta(minutes=1),
    ),
    Case("a proxy's 503", 503, b"<h1>Service Unavailable</h1>", Outcome.UNKNOWN),
]
