"""Through botocore: an answer that refuses is an exception with a code, no answer is an exception by its name."""

from datetime import timedelta

from automation.delivery.errors.base import Answers, Row, Shape
from automation.delivery.outcomes import Outcome

_KEY = "AWS does not take these credentials: look at the account's settings and at the key in IAM."
_SENDER = "Verify the sender's domain at SES in this region. In SES' sandbox, recipients must be verified too."

AMAZON_SES = Answers(
    source="https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html",
    shapes=(Shape("Error", code="Code", text="Message"),),
    rows=(
        Row(Outcome.ACCOUNT, code="MessageRejected", text="not verified", do=_SENDER),
        Row(Outcome.ACCOUNT, code="MailFromDomainNotVerifiedException", do="Verify the MAIL FROM domain at SES."),
        Row(
            Outcome.ACCOUNT,
            code="AccountSuspendedException",
            do="AWS has stopped the account for good: ask its support.",
        ),
        Row(
            Outcome.ACCOUNT,
            code="SendingPausedException",
            do="Sending is paused at SES, for the account or this configuration set.",
        ),
        Row(
            Outcome.ACCOUNT,
            code="NotFoundException",
            do="SES knows no such configuration set: look at the account's settings.",
        ),
        Row(Outcome.ACCOUNT, code="AccessDenied(Exception)?", do="In IAM, give this key the right ses:SendEmail."),
        Row(
            Outcome.ACCOUNT, text="signature (expired|not yet current)", do="The clock of the workers' machine is off."
        ),
        Row(
            Outcome.ACCOUNT,
            code="UnrecognizedClientException|InvalidClientTokenId|InvalidSignatureException|SignatureDoesNotMatch"
            "|ExpiredToken(Exception)?|MissingAuthenticationToken(Exception)?",
            do=_KEY,
        ),
        # The quota is of the last 24 hours, so it comes back bit by bit.
        Row(Outcome.THROTTLED, code="LimitExceededException", pause=timedelta(minutes=15)),
        Row(Outcome.THROTTLED, text="daily (message|sending) quota exceeded", pause=timedelta(minutes=15)),
        Row(Outcome.THROTTLED, code="TooManyRequestsException|Throttling(Exception)?"),
    ),
)

# Of botocore's errors, by name, since it is imported only where SES is used: no connection stood yet …
BEFORE_THE_REQUEST = {"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError"}
# … and there are no settings to make a request with.
NOT_A_REQUEST = {
    "CredentialRetrievalError",
    "InvalidRegionError",
    "NoAuthTokenError",
    "NoCredentialsError",
    "NoRegionError",
    "PartialCredentialsError",
}
