from automation.delivery.outcomes import Outcome
from tests.automation.delivery.errors.answers.case import Case


def _fault(status, code, message, related, outcome, address_refused=False):
    error = {
        "ErrorIdentifier": "f987008f-251a-4dff-8ffc-40f1583ad7bc",
        "ErrorCode": code,
        "StatusCode": status,
        "ErrorMessage": message,
        "ErrorRelatedTo": related,
    }
    body = {"Messages": [{"Status": "error", "Errors": [error]}]}
    return Case(f"{code} {related}", status, body, outcome, address_refused)


def _whole(status, code, message, outcome):
    body = {"ErrorIdentifier": "06df1144", "ErrorCode": code, "StatusCode": status, "ErrorMessage": message}
    return Case(code, status, body, outcome)


_TO = {"Email": "ana@example.com", "MessageID": 7, "MessageUUID": "u"}

CASES = [
    _whole(401, "mj-0001", "Your account has been temporarily blocked.", Outcome.ACCOUNT),
    _whole(401, "mj-0015", "API key authentication/authorization failure.", Outcome.ACCOUNT),
    _whole(400, "mj-0002", "Malformed JSON, please review the syntax and properties types.", Outcome.REJECTED),
    _fault(
        403, "send-0008", '"shop@example.com" is not an authorized sender email address.', ["From"], Outcome.ACCOUNT
    ),
    _fault(403, "send-0007", "The SenderID is not validated.", ["SenderID"], Outcome.ACCOUNT),
    _fault(400, "mj-0013", '"shop@x" is an invalid email address.', ["From.Email"], Outcome.ACCOUNT),
    _fault(400, "mj-0013", '"ana@x" is an invalid email address.', ["To[0].Email"], Outcome.REJECTED, True),
    _fault(400, "mj-0013", '"help@x" is an invalid email address.', ["ReplyTo.Email"], Outcome.REJECTED),
    _fault(400, "mj-0003", "Subject is missing.", ["Subject"], Outcome.REJECTED),
    _fault(400, "send-0003", "None of HTMLPart, TextPart, TemplateID is there.", ["HTMLPart"], Outcome.REJECTED),
    Case("too fast", 429, b"", Outcome.THROTTLED, headers={"Content_Type": "text/plain"}),
    Case("no word of the message", 200, {"Messages": []}, Outcome.UNKNOWN),
    Case("taken", 200, {"Messages": [{"Status": "success", "To": [_TO], "Cc": [], "Bcc": []}]}, Outcome.ACCEPTED),
]
