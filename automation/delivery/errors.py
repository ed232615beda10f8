"""What an ESP's answer means: the one table that tells outcomes apart. Pure."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

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
from automation.delivery.outcomes import Outcome, SendResult

# By HTTP status. What is not named here: other 4xx are refusals, everything else may have been taken.
BY_STATUS = {
    401: Outcome.ACCOUNT,
    402: Outcome.ACCOUNT,
    403: Outcome.ACCOUNT,
    408: Outcome.UNKNOWN,
    421: Outcome.THROTTLED,
    425: Outcome.THROTTLED,
    429: Outcome.THROTTLED,
    503: Outcome.THROTTLED,
}
# Postmark's ErrorCodes (postmarkapp.com/developer/api/overview#error-codes) that come with HTTP 422 but are about us.
POSTMARK_ACCOUNT = {10, 400, 401, 402, 405, 412, 413}
# An ESP that asks for a longer pause than this is probably wrong about the date.
MAX_RETRY_AFTER = timedelta(hours=24)
MAX_DETAIL = 300

_ADDRESS = re.compile(r"[^\s<>\"'(){}\[\],;:]+@[^\s<>\"'(){}\[\],;:]+")


def classify(error: BaseException, *, at: datetime) -> SendResult:
    """What it means that handing over one message raised `error`. What nobody has thought of is unknown."""
    if isinstance(error, AnymailRecipientsRefused):
        return SendResult(Outcome.REJECTED, status_code=_status(error), detail=_detail(error), address_refused=True)
    if isinstance(error, AnymailInvalidAddress):
        return SendResult(Outcome.REJECTED, detail="Invalid address.", address_refused=True)
    if isinstance(error, AnymailUnsupportedFeature | AnymailSerializationError):
        return SendResult(Outcome.REJECTED, detail=_scrub(str(error)))
    if isinstance(error, AnymailConfigurationError):
        return SendResult(Outcome.ACCOUNT, detail=_scrub(str(error)))
    if isinstance(error, requests.RequestException) and getattr(error, "response", None) is None:
        return _without_answer(error)
    if isinstance(error, AnymailAPIError) and _status(error) is not None:
        return _by_status(error, at)
    return SendResult(Outcome.UNKNOWN, detail=type(error).__name__)


def _without_answer(error: BaseException) -> SendResult:
    """No answer came. Only if no connection was made can the ESP not have the message."""
    never_left = isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError | NeverConnected) or any(
        isinstance(cause, NewConnectionError) for cause in _causes(error)
    )
    cause = _causes(error)[-1]
    return SendResult(Outcome.NEVER_LEFT if never_left else Outcome.UNKNOWN, detail=type(cause).__name__)


class NeverConnected(requests.ConnectionError):
    """No connection could be made: refused, unreachable, no such name, no TLS."""


def _by_status(error: AnymailAPIError, at: datetime) -> SendResult:
    status = _status(error)
    assert status is not None
    outcome = BY_STATUS.get(status, Outcome.REJECTED if 400 <= status < 500 else Outcome.UNKNOWN)
    if status == 422 and _answer(error).get("ErrorCode") in POSTMARK_ACCOUNT:
        outcome = Outcome.ACCOUNT
    retry_at = _retry_at(error, at) if outcome is Outcome.THROTTLED else None
    return SendResult(outcome, status_code=status, detail=_detail(error), retry_at=retry_at)


def _retry_at(error: AnymailError, at: datetime) -> datetime | None:
    """Retry-After in either of its forms (RFC 9110 §10.2.3), or None."""
    value = str(getattr(error.response, "headers", {}).get("Retry-After", "")).strip()
    try:
        asked = at + timedelta(seconds=float(value)) if value[:1].isdigit() else parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    asked = asked if asked.tzinfo else asked.replace(tzinfo=UTC)
    return min(max(asked, at), at + MAX_RETRY_AFTER)


def _status(error: AnymailError) -> int | None:
    status = error.status_code
    if status is None and error.response is not None:
        status = getattr(error.response, "status_code", None)
    return status


def _detail(error: AnymailError) -> str:
    """The ESP's own words, without addresses."""
    answer = _answer(error)
    words: list[Json] = [answer.get(key) for key in ("ErrorCode", "name", "code", "Message", "message", "error")]
    return _scrub(" ".join(str(word) for word in words if isinstance(word, str | int) and word != ""))


def _answer(error: AnymailError) -> dict[str, Any]:
    json: Callable[[], Json] | None = getattr(error.response, "json", None)
    try:
        answer = json() if json else None
    except ValueError:
        return {"error": "The answer cannot be read."}
    return answer if isinstance(answer, dict) else {}


def _scrub(text: str) -> str:
    return _ADDRESS.sub("…@…", text)[:MAX_DETAIL]


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
