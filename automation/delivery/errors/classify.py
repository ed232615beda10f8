"""From what Anymail returns or raises to an outcome, by the rows of the table."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import requests
from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from anymail.message import AnymailStatus
from requests.structures import CaseInsensitiveDict

from automation.core.json import Json, JsonObject
from automation.core.text import storable
from automation.delivery.errors.base import Row, Said
from automation.delivery.errors.general import GENERAL
from automation.delivery.errors.pauses import asked_pause, pause_until
from automation.delivery.errors.silence import without_answer
from automation.delivery.errors.tables import answers_of
from automation.delivery.errors.words import MAX_WORD, scrub, word
from automation.delivery.outcomes import MAX_ESP_ID, Outcome, SendResult

# What Anymail calls a message that the ESP has taken.
_TAKEN = {"sent", "queued"}
# The status of an item that names a fault, within an answer that has 200 as a whole.
_OF_ITS_OWN = 422
UNREADABLE = "The answer cannot be read."
_UNTHOUGHT = Row(Outcome.UNKNOWN)
_REFUSED = Row(Outcome.REJECTED, address_refused=True)


class Answer(NamedTuple):
    """What came back of a call."""

    status: int | None
    headers: Mapping[str, str]
    body: Json


def classify(error: BaseException, *, provider: str, at: datetime) -> SendResult:
    """What it means that handing over one message raised `error`. What nobody has thought of is unknown."""
    match error:
        case AnymailInvalidAddress() | AnymailUnsupportedFeature() | AnymailSerializationError():
            return SendResult(Outcome.REJECTED, detail=scrub(str(error)))  # By Anymail: the ESP was not asked.
        case AnymailConfigurationError():
            return SendResult(Outcome.ACCOUNT, detail=scrub(str(error)))
        case AnymailRecipientsRefused():
            return _decide(
                provider, _answer(error.response), at, otherwise=_REFUSED if _names_recipients(error) else None
            )
        case AnymailAPIError() | requests.RequestException() if error.response is not None:
            return _decide(provider, _answer(error.response), at)
        case AnymailAPIError() | requests.RequestException():
            return without_answer(error)
        case _:
            return SendResult(Outcome.UNKNOWN, detail=type(error).__name__)


def classify_status(status: AnymailStatus, *, provider: str, at: datetime) -> SendResult:
    """What it means that Anymail raised nothing for a message to one recipient: it takes answers at their word.

    The recipient may be told of under another spelling than ours, so who is told of does not matter.
    """
    proof = answers_of(provider).proof_header
    ids = [one.message_id for one in status.recipients.values() if one.status in _TAKEN and one.message_id]
    if ids and (not proof or proof in status.esp_response.headers):
        return _accepted(ids[0])
    return _decide(provider, _answer(status.esp_response), at)


def classify_response(response: requests.Response, *, provider: str, at: datetime) -> SendResult:
    """What an answer says of a call as a whole, such as of a batch. Not for one that accepted: see `classify_item`."""
    return _decide(provider, _answer(response), at)


def classify_item(item: Json, *, provider: str, status: int, at: datetime) -> SendResult:
    """What a batch's answer (with this HTTP status) says of one of its messages. Without a word of it: unknown.

    An item that names a fault is read as if it were the answer to a call of its own: if no row knows better, rejected.
    """
    form = answers_of(provider).item
    if form is None or not isinstance(item, dict):
        return SendResult(Outcome.UNKNOWN, status_code=status)
    if item.get(form.fault):
        return _decide(provider, Answer(_OF_ITS_OWN if status < 300 else status, {}, item), at)
    if item.get(form.id):
        return _accepted(item[form.id])
    return SendResult(Outcome.UNKNOWN, status_code=status, detail=_detail([], item))


def _names_recipients(error: AnymailRecipientsRefused) -> bool:
    """Anymail also says that all are refused where an answer speaks of none."""
    status = getattr(error.email_message, "anymail_status", None)
    return bool(status and status.recipients)


def _accepted(esp_message_id: Any) -> SendResult:
    return SendResult(Outcome.ACCEPTED, esp_message_id=storable(str(esp_message_id), limit=MAX_ESP_ID))


def _decide(provider: str, answer: Answer, at: datetime, *, otherwise: Row | None = None) -> SendResult:
    """The first row that fits: the provider's, then `otherwise` if there is one, then the general ones."""
    answers = answers_of(provider)
    said = answers.said(answer.body)
    asked = asked_pause(answer.headers, answers.pause_headers)
    rows = (*answers.rows, *([otherwise] if otherwise else GENERAL), _UNTHOUGHT)
    row = next(row for row in rows if row.fits(answer.status, said, names_pause=bool(asked)))
    retry_at = None
    if row.outcome is Outcome.THROTTLED:
        retry_at = pause_until(asked, at) or (at + row.pause if row.pause else None)
    return SendResult(
        row.outcome,
        status_code=answer.status,
        detail=_detail(said, answer.body),
        retry_at=retry_at,
        address_refused=row.address_refused,
        advice=row.do,
    )


def _answer(response: requests.Response | JsonObject | None) -> Answer:
    """What came back, by HTTP or by botocore, which has read it already. Nothing, if Anymail made no call."""
    if response is None:
        return Answer(None, {}, None)
    if isinstance(response, dict):
        about = response.get("ResponseMetadata", {})
        return Answer(about.get("HTTPStatusCode"), CaseInsensitiveDict(about.get("HTTPHeaders", {})), response)
    return Answer(response.status_code, response.headers, _body(response))


def _body(response: requests.Response) -> Json:
    """The answer's JSON; else its text, unless that is a page or the like."""
    try:
        return response.json()
    except (ValueError, RecursionError):
        text = response.content[:MAX_WORD].decode(errors="replace")
        return UNREADABLE if "<" in text or not text else text


def _detail(said: Sequence[Said], body: Json) -> str:
    """The ESP's own words, without addresses."""
    if said:
        return scrub("; ".join(" ".join(filter(None, one)) for one in said))
    return scrub(word(body)) if body else ""
