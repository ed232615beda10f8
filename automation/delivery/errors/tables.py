"""The providers' own parts of the table: one small module each."""

from automation.delivery.errors.amazon_ses import AMAZON_SES
from automation.delivery.errors.base import Answers
from automation.delivery.errors.brevo import BREVO
from automation.delivery.errors.mailersend import MAILERSEND
from automation.delivery.errors.mailgun import MAILGUN
from automation.delivery.errors.mailjet import MAILJET
from automation.delivery.errors.mailtrap import MAILTRAP
from automation.delivery.errors.mandrill import MANDRILL
from automation.delivery.errors.postal import POSTAL
from automation.delivery.errors.postmark import POSTMARK
from automation.delivery.errors.resend import RESEND
from automation.delivery.errors.scaleway import SCALEWAY
from automation.delivery.errors.sendgrid import SENDGRID
from automation.delivery.errors.sparkpost import SPARKPOST
from automation.delivery.errors.unisender_go import UNISENDER_GO
from automation.delivery.providers import Provider

ANSWERS: dict[Provider, Answers] = {
    Provider.AMAZON_SES: AMAZON_SES,
    Provider.BREVO: BREVO,
    Provider.MAILERSEND: MAILERSEND,
    Provider.MAILGUN: MAILGUN,
    Provider.MAILJET: MAILJET,
    Provider.MAILTRAP: MAILTRAP,
    Provider.MANDRILL: MANDRILL,
    Provider.POSTAL: POSTAL,
    Provider.POSTMARK: POSTMARK,
    Provider.RESEND: RESEND,
    Provider.SCALEWAY: SCALEWAY,
    Provider.SENDGRID: SENDGRID,
    Provider.SPARKPOST: SPARKPOST,
    Provider.UNISENDER_GO: UNISENDER_GO,
}


def answers_of(provider: str) -> Answers:
    return ANSWERS[Provider(provider)]
