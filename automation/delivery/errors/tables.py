"""The providers' own parts of the table."""

from automation.delivery.errors.base import Answers, Shape
from automation.delivery.errors.mandrill import MANDRILL
from automation.delivery.errors.postmark import POSTMARK
from automation.delivery.errors.resend import RESEND
from automation.delivery.providers import Provider

ANSWERS = {
    Provider.MANDRILL: MANDRILL,
    Provider.POSTMARK: POSTMARK,
    Provider.RESEND: RESEND,
}
_OTHER = Answers(
    source="",
    rows=(),
    shapes=(
        Shape(code="code", text="message"),
        Shape(code="name", text="error"),
        Shape("errors.[]", code="field", text="message"),
    ),
)


def answers_of(provider: str) -> Answers:
    return ANSWERS.get(Provider(provider), _OTHER)
