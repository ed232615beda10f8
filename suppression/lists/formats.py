"""What the lists of others look like when they are exported: which column is which, and what their words mean."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from suppression.models import Reason

BOUNCE, COMPLAINT, LEFT = Reason.HARD_BOUNCE, Reason.COMPLAINT, Reason.UNSUBSCRIBED


class Time(StrEnum):
    """How a column spells a time."""

    ISO = "iso"  # 2026-03-01T12:00:00Z, 2026-03-01 12:00:00 UTC
    UNIX = "unix"  # Seconds since 1970.
    MAIL = "mail"  # RFC 2822: Sun, 01 Mar 2026 12:00:00 GMT


class Format(NamedTuple):
    """`reasons`: what a row's word says, in lower case; else `reason` is so for all rows."""

    title: str
    address: tuple[str, ...]  # Names that the column may have, in lower case.
    reason: Reason
    reason_column: str = ""
    reasons: Mapping[str, Reason] = {}
    note: str = ""  # The column in which the provider says why.
    at: str = ""
    time: Time = Time.ISO
    columns: tuple[str, ...] = ()  # Of a file that has no first line with their names.


# By key. Read where each provider documents its export:
# SES: `aws sesv2 list-suppressed-destinations`, as JSON or made into CSV; and the file of its own imports.
# SendGrid: the CSV of each list below Suppressions. Mailgun: bounces, complaints and unsubscribes of a domain.
# Postmark: the suppression dump of a message stream.
FORMATS: Final[Mapping[str, Format]] = {
    "any": Format("A column “email” or “address”", ("email", "address", "email address", "e-mail"), Reason.IMPORTED),
    "ses": Format(
        "Amazon SES: suppression list",
        ("emailaddress", "email", "destination"),
        BOUNCE,
        reason_column="reason",
        reasons={"bounce": BOUNCE, "complaint": COMPLAINT},
        at="lastupdatetime",
    ),
    "ses-plain": Format(
        "Amazon SES: address and reason, without names of columns",
        ("emailaddress",),
        BOUNCE,
        reason_column="reason",
        reasons={"bounce": BOUNCE, "complaint": COMPLAINT},
        columns=("emailaddress", "reason"),
    ),
    "sendgrid-bounces": Format("SendGrid: bounces", ("email",), BOUNCE, note="reason", at="created", time=Time.UNIX),
    "sendgrid-invalid": Format(
        "SendGrid: invalid emails", ("email",), BOUNCE, note="reason", at="created", time=Time.UNIX
    ),
    "sendgrid-spam": Format("SendGrid: spam reports", ("email",), COMPLAINT, at="created", time=Time.UNIX),
    "sendgrid-unsubscribes": Format(
        "SendGrid: unsubscribes, global or of a group", ("email",), LEFT, at="created", time=Time.UNIX
    ),
    "mailgun-bounces": Format("Mailgun: bounces", ("address",), BOUNCE, note="error", at="created_at", time=Time.MAIL),
    "mailgun-complaints": Format("Mailgun: complaints", ("address",), COMPLAINT, at="created_at", time=Time.MAIL),
    "mailgun-unsubscribes": Format(
        "Mailgun: unsubscribes", ("address",), LEFT, note="tags", at="created_at", time=Time.MAIL
    ),
    "postmark": Format(
        "Postmark: suppression dump",
        ("emailaddress", "email"),
        Reason.IMPORTED,
        reason_column="suppressionreason",
        reasons={"hardbounce": BOUNCE, "spamcomplaint": COMPLAINT, "manualsuppression": LEFT},
        note="origin",
        at="createdat",
    ),
    "signalpost": Format("Signalpost's own export", ("address",), Reason.IMPORTED, reason_column="reason"),
}
CHOICES: Final = [(key, one.title) for key, one in FORMATS.items()]
