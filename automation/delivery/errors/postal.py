"""Whatever went wrong, Postal answers with HTTP 200; a code says what."""

from automation.delivery.errors.base import Answers, Row, Shape
from automation.delivery.outcomes import Outcome

POSTAL = Answers(
    source="https://apiv1.postalserver.io/controllers/send/message.html",
    shapes=(Shape("data", code="code", text="message"), Shape(code="status")),
    rows=(
        Row(
            Outcome.ACCOUNT,
            code="InvalidServerAPIKey|AccessDenied",
            do="Postal does not take this API key: look at the account's settings.",
        ),
        Row(Outcome.ACCOUNT, code="ServerSuspended", do="The mail server is suspended: see Postal's own admin."),
        Row(
            Outcome.ACCOUNT,
            code="UnauthenticatedFromAddress|FromAddressMissing",
            do="Verify the sender's domain for this mail server of Postal's.",
        ),
        Row(Outcome.REJECTED, status=200, code="error|parameter-error"),
    ),
)
