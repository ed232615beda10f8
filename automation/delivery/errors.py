"""What an ESP's answer means: the one table that tells outcomes apart. Pure."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ssl import SSLCertVerificationError

import requests
from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from urllib3.exceptions import NewConnectionError

from automation.core.json import Json
from automation.core.text import storable
from automation.delivery.outcomes import Outcome, SendResult

# By HTTP status. What is not named here: other 4xx are refusals, everything else may have been taken.
BY_STATUS = {
    401: Outcome.ACCOUNT,
    402: Outcome.ACCOUNT,
    403: Outcome.ACCOUNT,
    408: Outcome.UNKNOWN,
    409: Outcome.UNKNOWN,  # Resend: the same key is being worked on, or was taken with other bytes.
    421: Outcome.THROTTLED,
    425: Outcome.THROTTLED,
    429: Outcome.THROTTLED,
}
# Postmark's ErrorCodes (postmarkapp.com/developer/api/overview#error-codes) that come with HTTP 422 but are about us:
# token, sender not known or not confirmed, no credits, account pending, account may not send.
POSTMARK_ACCOUNT = {10, 400, 401, 405, 412, 413}
_POSTMARK_SENDER = re.compile(r"(Invalid|Error parsing) 'From'", re.IGNORECASE)  # In an ErrorCode 300.
# Mandrill's reject_reasons (mailchimp.com/developer/transactional/api/messages) that say nothing about the address.
MANDRILL_ACCOUNT = {"unsigned", "invalid-sender", "test-mode-limit"}
# What requests refuses to even try, because of the account's settings.
NOT_A_REQUEST = (
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
)
# An ESP that asks for a longer pause than this is probably wrong about the date.
MAX_RETRY_AFTER = timedelta(hours=24)
MAX_DETAIL = 300

_ADDRESS = re.compile(r"[^\s<>\"'(){}\[\],;:]+@[^\s<>\"'(){}\[\],;:]*")


class NeverConnected(requests.ConnectionError):
    """No connection could be made: refused, unreachable, no such name, no TLS."""


def classify(error: BaseException, *, at: datetime) -> SendResult:
    """What it means that handing over one message raised `error`. What nobody has thought of is unknown."""
    match error:
        case AnymailRecipientsRefused():
            return _refused(error)
        case AnymailInvalidAddress() | AnymailUnsupportedFeature() | AnymailSerializationError():
            return SendResult(Outcome.REJECTED, detail=_scrub(str(error)))  # By Anymail: the ESP was not asked.
        case AnymailConfigurationError():
            return SendResult(Outcome.ACCOUNT, detail=_scrub(str(error)))
        case requests.RequestException(response=None):
            return _without_answer(error)
        case AnymailAPIError() if (status := _status(error)) is not None:
            return _by_status(error, status, at)
        case _:
            return SendResult(Outcome.UNKNOWN, detail=type(error).__name__)


def _refused(error: AnymailRecipientsRefused) -> SendResult:
    """The ESP will not mail this recipient, because of the recipient or because of us."""
    match _answer(error):
        case [{"reject_reason": str(reason)}] if reason in MANDRILL_ACCOUNT:
            return SendResult(Outcome.ACCOUNT, status_code=_status(error), detail=_detail(error))
        case [{"reject_reason": "rule"}]:  # The account's own filter; another mail may pass it.
            return SendResult(Outcome.REJECTED, status_code=_status(error), detail=_detail(error))
        case _:
            return SendResult(Outcome.REJECTED, status_code=_status(error), detail=_detail(error), address_refused=True)


def _without_answer(error: requests.RequestException) -> SendResult:
    """No answer came. Only if no connection was made can the ESP not have the message."""
    causes = _causes(error)
    detail = type(causes[-1]).__name__
    if any(isinstance(cause, NOT_A_REQUEST) for cause in causes):
        return SendResult(Outcome.ACCOUNT, detail=f"The account's settings make no request: {detail}.")
    return SendResult(Outcome.NEVER_LEFT if _never_connected(causes) else Outcome.UNKNOWN, detail=detail)


def _never_connected(causes: list[BaseException]) -> bool:
    """Of TLS errors only that of a certificate surely comes before the first byte of the request."""
    before = requests.ConnectTimeout, requests.exceptions.ProxyError, NeverConnected
    return any(isinstance(cause, (*before, NewConnectionError, SSLCertVerificationError)) for cause in causes)


def _by_status(error: AnymailAPIError, status: int, at: datetime) -> SendResult:
    outcome = BY_STATUS.get(status, Outcome.REJECTED if 400 <= status < 500 else Outcome.UNKNOWN)
    if status == 422 and _blames_account(_answer(error)):
        outcome = Outcome.ACCOUNT
    if status == 503 and (_retry_after(error) or _is_maintenance(_answer(error))):
        # Who names a time has not taken it (RFC 9110 §15.6.4). Else, 503 is also what proxies say when the server
        # behind them broke off, and then it may have.
        outcome = Outcome.THROTTLED
    retry_at = _retry_at(_retry_after(error), at) if outcome is Outcome.THROTTLED else None
    return SendResult(outcome, status_code=status, detail=_detail(error), retry_at=retry_at)


def _is_maintenance(answer: Json) -> bool:
    """Postmark's own 503, which no proxy makes: its API is offline."""
    return isinstance(answer, dict) and answer.get("ErrorCode") == 100


def _blames_account(answer: Json) -> bool:
    """Does this answer of Postmark's speak of the account or its sender, so of every message?"""
    match answer:
        case {"ErrorCode": 300, "Message": str(message)}:
            return bool(_POSTMARK_SENDER.match(message))
        case {"ErrorCode": int(code)}:
            return code in POSTMARK_ACCOUNT
        case _:
            return False


def _retry_after(error: AnymailError) -> str:
    headers: Mapping[str, str] = getattr(error.response, "headers", {})
    return headers.get("Retry-After", "").strip()


def _retry_at(asked: str, at: datetime) -> datetime | None:
    """Retry-After in either of its forms (RFC 9110 §10.2.3), or None."""
    try:
        until = at + timedelta(seconds=float(asked)) if asked[:1].isdigit() else parsedate_to_datetime(asked)
    except (ValueError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until, at), at + MAX_RETRY_AFTER)


def _status(error: AnymailError) -> int | None:
    status: int | None = error.status_code
    return getattr(error.response, "status_code", None) if status is None else status


def _detail(error: AnymailError) -> str:
    """The ESP's own words, without addresses."""
    answer = _answer(error)
    if not isinstance(answer, dict):
        return _scrub(json.dumps(answer, ensure_ascii=False)) if answer else ""
    words = [answer.get(key) for key in ("ErrorCode", "name", "code", "Message", "message", "error", "errors")]
    return _scrub(
        " ".join(word if isinstance(word, str) else json.dumps(word, ensure_ascii=False) for word in words if word)
    )


def _answer(error: AnymailError) -> Json:
    read: Callable[[], Json] | None = getattr(error.response, "json", None)
    try:
        return read() if read else None
    except ValueError:
        return {"error": "The answer cannot be read."}


def _scrub(text: str) -> str:
    """Cut before looking for addresses, so that a long answer takes no long time."""
    return storable(_ADDRESS.sub("…@…", text[: 3 * MAX_DETAIL]), limit=MAX_DETAIL)


def _causes(error: BaseException) -> list[BaseException]:
    """The error and all that it was raised from, also where requests hides them in `args`. The root is last."""
    chain: list[BaseException] = [error]
    while True:
        last = chain[-1]
        reason = getattr(last, "reason", None)
        inner = next((e for e in (last.__cause__, reason, *last.args) if isinstance(e, BaseException)), None)
        if inner is None or inner in chain:
            return chain
        chain.append(inner)
