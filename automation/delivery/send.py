"""Send: hand one call's messages to their ESP, through Anymail, and say what came of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, NamedTuple

from anymail.message import AnymailMessage
from django.utils import timezone

from automation.core.text import storable
from automation.delivery.batch import BATCH_APIS
from automation.delivery.batch.post import Built, build_mail, post
from automation.delivery.batch.key import key_of
from automation.delivery.claim import Claimed
from automation.delivery.email import NotFitToSend, build
from automation.delivery.errors import MAX_DETAIL, classify, classify_status
from automation.delivery.models import EspAccount
from automation.delivery.outcomes import Outcome, SendResult
from automation.delivery.providers import IDEMPOTENCY_KEY_LIFE, Provider
from templates_app.faults import RenderFailed

# After a batch call, how long its thread may begin others for the same messages: one more under the same key, or one
# for each that the batch refused. Longer, and a worker that is asked to stop takes as much longer.
FOLLOW_UP_S = 20.0
# What a call says of the ESP or the account, and not of its own message alone.
_OF_ALL = {Outcome.ACCOUNT, Outcome.THROTTLED, Outcome.NEVER_LEFT}


@dataclass(eq=False, slots=True)
class Call:
    """Messages that are handed over together: one, or as many as the account's provider takes in a batch."""

    messages: Sequence[Claimed]
    begin_by: float  # By the monotonic clock. Begun later, it could outlast the lease.


class Result(NamedTuple):
    """One attempt for one claimed message, and what came of it."""

    claimed: Claimed
    result: SendResult
    began_at: datetime
    ended_at: datetime
    in_batch: bool = False  # Handed over with others: no key of the message's own makes asking again safe.


def send(call: Call, account: EspAccount, backend: Any) -> list[Result]:
    """A result for each message, in order. Whatever the ESP, the templates or the mails do has an outcome."""
    if len(call.messages) == 1:
        return [_alone(call.messages[0], account, backend)]
    return _together(call, account, backend)


def results_of(call: Call, result: SendResult, began_at: datetime) -> list[Result]:
    """The same for all of a call."""
    ended_at = timezone.now()
    in_batch = len(call.messages) > 1
    return [Result(one, result, began_at, ended_at, in_batch) for one in call.messages]


def _alone(claimed: Claimed, account: EspAccount, backend: Any) -> Result:
    began_at = timezone.now()
    email = _email(claimed)
    result = email if isinstance(email, SendResult) else _send_email(email, claimed, account, backend)
    return Result(claimed, result, began_at, timezone.now())


def _send_email(email: AnymailMessage, claimed: Claimed, account: EspAccount, backend: Any) -> SendResult:
    try:
        if _has_keys(account):
            # The same bytes under the same key: the ESP takes them once, however often we ask.
            backend.session.headers["Idempotency-Key"] = str(claimed.claim.message_id)
        backend.send_messages([email])
    except Exception as error:  # noqa: BLE001  # Anything may have happened to the bytes: `classify` decides.
        return classify(error, provider=account.provider, at=timezone.now())
    return classify_status(email.anymail_status, provider=account.provider, at=timezone.now())


def _together(call: Call, account: EspAccount, backend: Any) -> list[Result]:
    """By one call. What it refuses is asked about alone, since then nothing of it was taken."""
    follow_up_by = min(call.begin_by, monotonic() + FOLLOW_UP_S)
    began_at = timezone.now()
    mails, told = {}, {}
    for one in call.messages:
        match _mail(one, account, backend):
            case Built() as mail:
                mails[one.claim] = mail
            case SendResult() as refused:
                told[one.claim] = refused
    answers = _post(list(mails.values()), list(mails), account, backend, follow_up_by)
    told |= {claim: answer for claim, answer in zip(mails, answers, strict=True) if answer}
    ended_at = timezone.now()
    results = {
        one.claim: Result(one, told[one.claim], began_at, ended_at, in_batch=True)
        for one in call.messages
        if one.claim in told
    }
    left = [one for one in call.messages if one.claim not in results]
    results |= {one.claimed.claim: one for one in _one_by_one(left, account, backend, follow_up_by)}
    return [results[one.claim] for one in call.messages]
