"""Each fault has a type."""

from automation.delivery.errors.base import Answers, Row, Shape
from automation.delivery.outcomes import Outcome

SCALEWAY = Answers(
    source="https://www.scaleway.com/en/developers/api/transactional-email/",
    shapes=(Shape(code="type", text="message"),),
    rows=(
        Row(
            Outcome.ACCOUNT,
            code="denied_authentication|permissions_denied",
            do="Scaleway does not take this key for this project: look at settings and IAM.",
        ),
        Row(Outcome.ACCOUNT, code="quotas_exceeded", do="A quota is used up: ask Scaleway for more."),
        Row(Outcome.ACCOUNT, text="^invalid email from address", do="Correct the sender's address."),
    ),
)
