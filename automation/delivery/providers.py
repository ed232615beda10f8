"""The ESPs that can be chosen for an account: all that Anymail knows."""

from datetime import datetime, timedelta

from django.db import models


class Provider(models.TextChoices):
    """Value: the name of Anymail's backend module."""

    AMAZON_SES = "amazon_ses", "Amazon SES"
    BREVO = "brevo", "Brevo"
    MAILERSEND = "mailersend", "MailerSend"
    MAILGUN = "mailgun", "Mailgun"
    MAILJET = "mailjet", "Mailjet"
    MAILTRAP = "mailtrap", "Mailtrap"
    MANDRILL = "mandrill", "Mandrill"
    POSTAL = "postal", "Postal"
    POSTMARK = "postmark", "Postmark"
    RESEND = "resend", "Resend"
    SCALEWAY = "scaleway", "Scaleway"
    SENDGRID = "sendgrid", "SendGrid"
    SPARKPOST = "sparkpost", "SparkPost"
    UNISENDER_GO = "unisender_go", "Unisender Go"


# How long an ESP remembers an idempotency key: within it, the same bytes may be sent again under the same key.
# Some of it is kept back for clocks, queues and a call that takes its time.
IDEMPOTENCY_KEY_LIFE = {
    # 24 hours (resend.com/docs/dashboard/emails/idempotency-keys).
    Provider.RESEND: timedelta(hours=23),
    # 15 minutes (developers.brevo.com/changelog/email-api-now-supports-idempotency); elsewhere Brevo speaks of 30.
    Provider.BREVO: timedelta(minutes=12),
}


def key_outlives(provider: str, first_unknown_at: datetime, at: datetime) -> bool:
    """May a message whose outcome is unknown since `first_unknown_at` be sent again at `at`, under the same key?"""
    life = IDEMPOTENCY_KEY_LIFE.get(Provider(provider))
    return life is not None and at - first_unknown_at < life
