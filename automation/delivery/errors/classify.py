"""From what Anymail returns or raises to an outcome, by the rows of the table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import requests
from anymail.backends.base_requests import RequestsPayload
from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from anymail.message import AnymailStatus

from automation.core.json import Json
from automation.core.text import storable
from automation.delivery.errors.answer import Answer, read_answer
from automation.delivery.errors.base import Row, Said
from automation.delivery.errors.general import GENERAL
from automation.delivery.errors.pauses import asked_pause, pause_until
from automation.delivery.errors.silence import without_answer
from automation.delivery.errors.tables import answers_of
from automation.delivery.errors.words import scrub, word
from automation.delivery.outcomes import MAX_ESP_ID, Outcome, SendResult

# What Anymail calls a message that the ESP has taken.
_TAKEN = {"sent", "queued"}
# The status of an item that names a fault, within an answer that has 200 as a whole.
_OF_ITS_OWN = 422
_UNTHOUGHT = Row(Outcome.UNKNOWN)
_REFUSED = Row(Outcome.REJECTED, address_refused=True)


def classify(error: BaseException, *, provider: str, at: datetime) -> SendResult:
    """What it means that handing over one message raised `error`. What nobody has thought of is unknown."""
    match error:
        case AnymailInvalidAddress() | AnymailUnsupportedFeature() | AnymailSerializationError():
            return SendResult(Outcome.REJECTED, detail=scrub(str(error)))  # By Anymail: the ESP was not asked.
        case AnymailRecipientsRefused() | AnymailAPIError() | requests.RequestException() if error.response is not None:
            otherwise = _REFUSED if _refuses_recipient(error) else None
            return _decide(provider, read_answer(error.response), at, otherwise=otherwise)
        case AnymailAPIError() | requests.RequestException():
            return without_answer(error)
        case AnymailConfigurationError() | AnymailError(payload=RequestsPayload()):  # No address to post to.
            return SendResult(Outcome.ACCOUNT, detail=scrub(str(error)))
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
    return _decide(provider, read_answer(status.esp_response), at)


def classify_response(response: requests.Response, *, provider: str, at: datetime) -> SendResult:
    """What an answer says of a call as a whole, such as of a batch. Not for one that accepted: see `classify_item`."""
    return _decide(provider, read_answer(response), at)


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


def _refuses_recipient(error: Exception) -> bool:
    """Anymail also says that all recipients are refused where an answer speaks of none."""
    status = getattr(getattr(error, "email_message", None), "anymail_status", None)
    return isinstance(error, AnymailRecipientsRefused) and bool(status and status.recipients)


def _accepted(esp_message_id: Any) -> SendResult:
    return SendResult(Outcome.ACCEPTED, esp_message_id=storable(str(esp_message_id), limit=MAX_ESP_ID))


def _decide(provider: str, answer: Answer, at: datetime, *, otherwise: Row | None = None) -> SendResult:
    """The first row that fits: the provider's, then `otherwise` if there is one, then the general ones."""
    answers = answers_of(provider)
    said = answers.said(answer.body)
    rows = (*answers.rows, *([otherwise] if otherwise else GENERAL), _UNTHOUGHT)
    names_pause = bool(answer.headers.get("Retry-After", "").strip())
    row = next(row for row in rows if row.fits(answer.status, said, names_pause=names_pause))
    retry_at = None
    if row.outcome is Outcome.THROTTLED:
        retry_at = pause_until(asked_pause(answer.headers, answers.pause_headers), at, least=row.pause)
    return SendResult(
        row.outcome,
        status_code=answer.status,
        detail=_detail(said, answer.body),
        retry_at=retry_at,
        address_refused=row.address_refused,
        advice=row.do,
    )


def _detail(said: Sequence[Said], body: Json) -> str:
    """The ESP's own words, without addresses."""
    if said:
        return scrub("; ".join(" ".join(filter(None, one)) for one in said))
    return scrub(word(body)) if body else ""
