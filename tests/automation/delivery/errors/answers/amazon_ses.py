from datetime import timedelta

from automation.delivery.outcomes import Outcome
from tests.automation.delivery.errors.answers.case import Case


def _fault(status, code, message, outcome, **more):
    return Case(
        f"{code} {message[:20]}", status, {"message": message}, outcome, headers={"x_amzn_ErrorType": code}, **more
    )


CASES = [
    _fault(
        400,
        "MessageRejected",
        "Email address is not verified. The following identities failed the check in region EU-WEST-1: ana@example.com",
        Outcome.ACCOUNT,
    ),
    _fault(400, "MessageRejected", "The message contains a virus.", Outcome.REJECTED),
    _fault(400, "MailFromDomainNotVerifiedException", "The MAIL FROM domain is not verified.", Outcome.ACCOUNT),
    _fault(400, "AccountSuspendedException", "The account is suspended.", Outcome.ACCOUNT),
    _fault(400, "SendingPausedException", "Email sending is disabled for this account.", Outcome.ACCOUNT),
    _fault(404, "NotFoundException", "Configuration set <shop> does not exist.", Outcome.ACCOUNT),
    _fault(403, "AccessDeniedException", "User is not authorized to perform: ses:SendEmail", Outcome.ACCOUNT),
    _fault(
        403, "UnrecognizedClientException", "The security token included in the request is invalid.", Outcome.ACCOUNT
    ),
    _fault(
        403, "InvalidSignatureException", "Signature expired: 20261124T120000Z is now earlier than …", Outcome.ACCOUNT
    ),
    _fault(403, "InvalidSignatureException", "The request signature we calculated does not match …", Outcome.ACCOUNT),
    _fault(403, "ExpiredTokenException", "The security token included in the request is expired", Outcome.ACCOUNT),
    _fault(400, "BadRequestException", "Missing final '@domain'", Outcome.REJECTED),
    _fault(
        400,
        "LimitExceededException",
        "There are too many instances of the specified resource type.",
        Outcome.THROTTLED,
        pause=timedelta(minutes=15),
    ),
    _fault(
        429,
        "TooManyRequestsException",
        "Daily message quota exceeded.",
        Outcome.THROTTLED,
        pause=timedelta(minutes=15),
    ),
    _fault(429, "TooManyRequestsException", "Too many requests have been made to the operation.", Outcome.THROTTLED),
    _fault(400, "ThrottlingException", "Maximum sending rate exceeded.", Outcome.THROTTLED),
    _fault(500, "InternalFailure", "Something went wrong.", Outcome.UNKNOWN),
    _fault(503, "ServiceUnavailable", "Try again.", Outcome.UNKNOWN),
]
