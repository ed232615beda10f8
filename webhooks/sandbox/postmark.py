"""Postmark's send API: https://postmarkapp.com/developer/api/email-api and its table of error codes."""

from typing import Any

import msgspec
from msgspec import Struct, field

from webhooks.sandbox.accounts import Account
from webhooks.sandbox.http import Answer, Request
from webhooks.sandbox.mail import OUR_ID_KEY, Mail, Submission, addresses, is_address, is_refused

ENDPOINTS = {"email": False, "email/batch": True}  # Whether it takes a batch.
MAX_BATCH = 500
MAX_RECIPIENTS = 50
# Metadata: at most ten fields, names of 20 and values of 80 characters. Here because our own ids must fit.
MAX_METADATA, MAX_METADATA_NAME, MAX_METADATA_VALUE = 10, 20, 80
INACTIVE = "Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression."


class Header(Struct, gc=False, rename="pascal"):
    name: str
    value: str


class Email(Struct, gc=False, rename="pascal"):
    """The body of POST /email, and each item of /email/batch. What we make no use of is not read."""

    from_: str = field(name="From", default="")
    to: str | None = None
    cc: str | None = None
    bcc: str | None = None
    reply_to: str | None = None
    subject: str | None = None
    html_body: str | None = None
    text_body: str | None = None
    tag: str | None = None
    message_stream: str | None = None
    metadata: dict[str, str] | None = None
    headers: list[Header] | None = None


_one = msgspec.json.Decoder(Email)
_many = msgspec.json.Decoder(list[Email])
_encode = msgspec.json.Encoder().encode


def read(request: Request, *, batch: bool, account: Account) -> Submission:
    """Understand a send request."""
    token = request.headers.get("x-postmark-server-token", "")
    if not account.knows(token):
        return Submission(refusal=_unauthorized(token))
    try:
        emails = _many.decode(request.body) if batch else [_one.decode(request.body)]
    except msgspec.ValidationError as error:
        return Submission(refusal=_refused(403, f"The JSON is not compatible with the email API: {error}"))
    except msgspec.DecodeError:
        return Submission(refusal=_refused(402, "Received invalid JSON input."))
    if not 1 <= len(emails) <= MAX_BATCH:
        return Submission(refusal=_refused(410, f"A batch may have 1 to {MAX_BATCH} messages."))
    return Submission([_mail(email) for email in emails], batch=batch)


def answer(submission: Submission, shown: int | None = None) -> Answer:
    """The answer to a submission that was taken; of a batch only the first `shown` results, if given."""
    results = [mail.refusal or _accepted(mail) for mail in submission.mails]
    if submission.batch:
        return Answer(body=_encode(results[:shown]))
    return Answer(422 if submission.mails[0].refusal else 200, _encode(results[0]))


def fault(status: int) -> Answer:
    """Postmark's words for an answer that has nothing to do with what was asked."""
    match status:
        case 401:
            return _unauthorized("wrong")
        case 429:
            return _refused(429, "Too many requests.", status=429)
        case 503:
            return _refused(100, "The Postmark API is offline for maintenance.", status=503)
    return _refused(101, "An unexpected error occurred.", status=status)


def _mail(email: Email) -> Mail:
    to = addresses(email.to or "")
    copies = addresses(email.cc or "") + addresses(email.bcc or "") if email.cc or email.bcc else []
    metadata = email.metadata or {}
    mail = Mail(
        sender=email.from_,
        to=[email.to or ""],
        recipients=to + copies,
        subject=email.subject or "",
        html=email.html_body or "",
        text=email.text_body or "",
        headers=[(header.name, header.value) for header in email.headers or ()],
        our_id=metadata.get(OUR_ID_KEY),
        tags=metadata,
        tag=email.tag or "",
        stream=email.message_stream or "outbound",
    )
    mail.refusal = _fault_in_recipients(email, mail) or _fault_in(mail)
    return mail


def _fault_in(mail: Mail) -> dict[str, object] | None:
    """What Postmark would say against a mail, if anything."""
    sender = addresses(mail.sender)
    if len(sender) != 1 or not is_address(sender[0]):
        return _error(300, f"Invalid 'From' address: '{mail.sender}'.")
    if not mail.html and not mail.text:
        return _error(300, "Provide either email TextBody or HtmlBody or both.")
    if len(mail.tags) > MAX_METADATA or any(
        len(name) > MAX_METADATA_NAME or len(value) > MAX_METADATA_VALUE for name, value in mail.tags.items()
    ):
        return _error(300, "Invalid metadata content. Too many fields, or a name or a value is too long.")
    if all(map(is_refused, mail.recipients)):
        return _error(
            406,
            "You tried to send to recipient(s) that have been marked as inactive. "
            f"Found inactive addresses: {', '.join(mail.recipients).lower()}. {INACTIVE}",
        )
    return None


def _fault_in_recipients(email: Email, mail: Mail) -> dict[str, object] | None:
    if not mail.recipients:
        return _error(300, "Zero recipients specified")
    if len(mail.recipients) > MAX_RECIPIENTS:
        return _error(300, f"A maximum of {MAX_RECIPIENTS} recipients is allowed per message.")
    for name, value in (("To", email.to), ("Cc", email.cc), ("Bcc", email.bcc)):
        for address in addresses(value) if value else ():
            if not is_address(address):
                return _error(300, f"Invalid '{name}' address: '{address}'.")
    return None


def _accepted(mail: Mail) -> dict[str, object]:
    message = "OK"
    if inactive := [address.lower() for address in mail.recipients if is_refused(address)]:
        message = f"Message OK, but will not deliver to these inactive addresses: {', '.join(inactive)}. {INACTIVE}"
    return {
        "To": mail.to[0],
        "SubmittedAt": mail.accepted_at,
        "MessageID": mail.esp_id,
        "ErrorCode": 0,
        "Message": message,
    }


def _unauthorized(token: str) -> Answer:
    if token:
        return _refused(10, "Request does not contain a valid Server token.", status=401)
    return _refused(10, "No Account or Server API tokens were supplied in the HTTP headers.", status=401)


def _refused(code: int, message: str, *, status: int = 422) -> Answer:
    return Answer(status, _encode(_error(code, message)))


def _error(code: int, message: str) -> dict[str, Any]:
    return {"ErrorCode": code, "Message": message}
