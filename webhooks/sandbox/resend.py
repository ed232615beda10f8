"""Resend's send API: https://resend.com/docs/api-reference/emails/send-email and its page of errors."""

import msgspec
from msgspec import Struct, field

from webhooks.sandbox.accounts import Account
from webhooks.sandbox.http import Answer, Request
from webhooks.sandbox.mail import OUR_ID_KEY, Mail, Submission, addresses, is_address, is_refused

ENDPOINTS = {"emails": False, "emails/batch": True}  # Whether it takes a batch.
MAX_BATCH = 100
MAX_RECIPIENTS = 50
MAX_KEY = 256
ADDRESS_FORMAT = "The email address needs to follow the `email@example.com` or `Name <email@example.com>` format."


class Tag(Struct, gc=False):
    name: str
    value: str = ""


class Email(Struct, gc=False):
    """The body of POST /emails, and each item of /emails/batch. What we make no use of is not read."""

    from_: str = field(name="from", default="")
    to: str | list[str] | None = None
    cc: str | list[str] | None = None
    bcc: str | list[str] | None = None
    subject: str | None = None
    html: str | None = None
    text: str | None = None
    headers: dict[str, str] | None = None
    tags: list[Tag] | None = None


_one = msgspec.json.Decoder(Email)
_many = msgspec.json.Decoder(list[Email])
_metadata = msgspec.json.Decoder(dict[str, object])
_encode = msgspec.json.Encoder().encode


def read(request: Request, *, batch: bool, account: Account) -> Submission:
    """Understand a send request."""
    if unknown := _unknown_sender(request, account):
        return Submission(refusal=unknown)
    key = request.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= MAX_KEY:
        return Submission(refusal=_refused(400, "invalid_idempotency_key", "The key must be between 1-256 chars."))
    try:
        emails = _many.decode(request.body) if batch else [_one.decode(request.body)]
    except msgspec.ValidationError as error:
        return Submission(refusal=_refused(422, "validation_error", str(error)))
    except msgspec.DecodeError:
        return Submission(refusal=_refused(400, "validation_error", "The request body is not valid JSON."))
    submission = Submission([_mail(email) for email in emails], batch=batch, idempotency_key=key)
    submission.refusal = _fault_with(submission, permissive=request.headers.get("x-batch-validation") == "permissive")
    return submission


def answer(submission: Submission, shown: int | None = None) -> Answer:
    """The answer to a submission that was taken; of a batch only the first `shown` results, if given."""
    if not submission.batch:
        return Answer(body=_encode({"id": submission.mails[0].esp_id}))
    body: dict[str, object] = {"data": [{"id": mail.esp_id} for mail in submission.mails[:shown] if mail.esp_id]}
    if any(mail.refusal for mail in submission.mails):
        body["errors"] = [
            {"index": index, "message": mail.refusal["message"]}
            for index, mail in enumerate(submission.mails)
            if mail.refusal
        ]
    return Answer(body=_encode(body))


def fault(status: int) -> Answer:
    """Resend's words for an answer that has nothing to do with what was asked."""
    match status:
        case 401 | 403:
            return _refused(status, "invalid_api_key", "API key is invalid.")
        case 429:
            return _refused(429, "rate_limit_exceeded", "Too many requests. Please limit the number of requests.")
        case 503:
            return _refused(503, "service_unavailable", "The service is unavailable.")
    return _refused(status, "application_error", "An unexpected error occurred.")


def payload_conflict() -> Answer:
    return _refused(409, "invalid_idempotent_request", "Same idempotency key used with a different request payload.")


def still_in_progress() -> Answer:
    message = "Same idempotency key used while original request is still in progress."
    return _refused(409, "concurrent_idempotent_requests", message)


def _unknown_sender(request: Request, account: Account) -> Answer | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return _refused(401, "missing_api_key", "Missing API key in the authorization header.")
    return None if account.knows(token) else fault(403)


def _mail(email: Email) -> Mail:
    to = _listed(email.to)
    headers = email.headers or {}
    tags = {tag.name: tag.value for tag in email.tags or ()}
    mail = Mail(
        sender=email.from_,
        to=to,
        recipients=[bare for one in (*to, *_listed(email.cc), *_listed(email.bcc)) for bare in addresses(one)],
        subject=email.subject or "",
        html=email.html or "",
        text=email.text or "",
        headers=list(headers.items()),
        our_id=_our_id(headers, tags),
        tags=tags,
    )
    mail.refusal = _fault_in(mail)
    return mail


def _listed(value: str | list[str] | None) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    return value or []


def _our_id(headers: dict[str, str], tags: dict[str, str]) -> str | None:
    """Anymail carries metadata for Resend as JSON in a header of the mail, as Resend's tags allow few characters."""
    if metadata := headers.get("X-Metadata"):
        try:
            return str(_metadata.decode(metadata)[OUR_ID_KEY])
        except (msgspec.DecodeError, KeyError):
            pass
    return tags.get(OUR_ID_KEY)


def _fault_in(mail: Mail) -> dict[str, object] | None:
    """What Resend would say against a mail, if anything. It knows no inactive recipients: `refuse@` is malformed."""
    for name, value in (("from", mail.sender), ("to", mail.to), ("subject", mail.subject)):
        if not value:
            return _error(422, "missing_required_field", f"Missing `{name}` field.")
    sender = addresses(mail.sender)
    if len(sender) != 1 or not is_address(sender[0]):
        return _error(422, "validation_error", f"Invalid `from` field. {ADDRESS_FORMAT}")
    if not all(is_address(address) and not is_refused(address) for address in mail.recipients):
        return _error(422, "validation_error", f"Invalid `to` field. {ADDRESS_FORMAT}")
    if len(mail.recipients) > MAX_RECIPIENTS:
        return _error(422, "validation_error", f"The `to` field may have at most {MAX_RECIPIENTS} addresses.")
    if not mail.html and not mail.text:
        return _error(422, "missing_required_field", "Missing `html` or `text` field.")
    return None


def _fault_with(submission: Submission, *, permissive: bool) -> Answer | None:
    """What Resend would say against the whole request. One bad mail refuses its batch, unless that is permissive."""
    if len(submission.mails) > MAX_BATCH:
        return _refused(422, "validation_error", f"A batch may have at most {MAX_BATCH} emails.")
    if not submission.mails:
        return _refused(422, "validation_error", "A batch must have at least one email.")
    if submission.batch and permissive:
        return None
    first = next((mail.refusal for mail in submission.mails if mail.refusal), None)
    return Answer(422, _encode(first)) if first else None


def _refused(status: int, name: str, message: str) -> Answer:
    return Answer(status, _encode(_error(status, name, message)))


def _error(status: int, name: str, message: str) -> dict[str, object]:
    return {"statusCode": status, "name": name, "message": message}
