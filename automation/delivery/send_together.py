"""Send together: hand over many claimed messages by one call, and say what came of each of them."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from time import monotonic
from typing import Any

from django.utils import timezone

from automation.delivery.batch import BATCH_APIS
from automation.delivery.batch.base import Results
from automation.delivery.batch.post import Built, build_mail, post
from automation.delivery.claim import Claimed
from automation.delivery.errors import classify
from automation.delivery.marks import Claim
from automation.delivery.models import EspAccount
from automation.delivery.outcomes import Outcome, SendResult
from automation.delivery.send import Call, Result, build_email, send_alone

# How long after a batch call its thread may begin others for the same messages: the same once more under its key, or
# one for each that was refused. Longer, and a worker that is asked to stop takes as much longer.
FOLLOW_UP_S = 20.0
# Of these, what is said to one is said to all.
_OF_THE_ACCOUNT = {Outcome.ACCOUNT, Outcome.THROTTLED, Outcome.NEVER_LEFT}
_NO_TIME = SendResult(
    Outcome.NEVER_LEFT, detail="A batch was refused, and there was no time to try this one alone.", untried=True
)


def send_together(call: Call, account: EspAccount, backend: Any) -> list[Result]:
    """A result for each message. What the batch refuses is tried alone, since of that the ESP has taken nothing."""
    follow_up_by = min(call.begin_by, monotonic() + FOLLOW_UP_S)
    began_at = timezone.now()
    told, mails = _build(call, account, backend)
    if mails:
        told |= {claim: one for claim, one in _post(mails, account, backend, follow_up_by).items() if one is not None}
    ended_at = timezone.now()
    results = [
        Result(one, told[one.claim], began_at, ended_at, in_batch=True) for one in call.messages if one.claim in told
    ]
    left = [one for one in call.messages if one.claim not in told]
    return results + _one_by_one(left, account, backend, follow_up_by)


def _build(call: Call, account: EspAccount, backend: Any) -> tuple[dict[Claim, SendResult], dict[Claim, Built]]:
    """What cannot be sent, and what can. In the order of the ids, so that the same messages make the same request."""
    told, mails = {}, {}
    for one in sorted(call.messages, key=lambda one: one.claim.message_id):
        match _mail(one, account, backend):
            case SendResult() as refused:
                told[one.claim] = refused
            case Built() as mail:
                mails[one.claim] = mail
    return told, mails


def _mail(claimed: Claimed, account: EspAccount, backend: Any) -> Built | SendResult | None:
    """None: Anymail has another endpoint for it."""
    email = build_email(claimed.envelope)
    if isinstance(email, SendResult):
        return email
    try:
        return build_mail(backend, email)
    except Exception as error:  # noqa: BLE001  # As in a call of its own.
        return classify(error, provider=account.provider, at=timezone.now())


def _post(
    mails: Mapping[Claim, Built], account: EspAccount, backend: Any, again_by: float
) -> dict[Claim, SendResult | None]:
    """By position, what came of each. None: refused, and surely not taken."""
    api = BATCH_APIS[account.provider]

    def call() -> Results:
        return post(api, backend, list(mails.values()), provider=account.provider, key=_key(mails))

    results = call()
    if api.key_header and any(map(_is_unknown, results)) and monotonic() < again_by:
        # The same request under its key: if the ESP took it, it says again what it said then. Whatever else it may say
        # now, the first may have been taken, so only acceptance counts.
        results = [
            later if _is_unknown(earlier) and _is_accepted(later) else earlier
            for earlier, later in zip(results, call(), strict=True)
        ]
    return dict(zip(mails, results, strict=True))


def _key(claims: Mapping[Claim, Built]) -> str:
    """One and the same for the same messages, whoever sends them, and no message's own."""
    return sha256(b"".join(claim.message_id.bytes for claim in claims)).hexdigest()


def _one_by_one(messages: Sequence[Claimed], account: EspAccount, backend: Any, begin_by: float) -> list[Result]:
    results: list[Result] = []
    for one in messages:
        last = results[-1].result if results else None
        if last and last.outcome in _OF_THE_ACCOUNT:
            now = timezone.now()
            results.append(Result(one, last, now, now))
        elif monotonic() > begin_by:
            now = timezone.now()
            results.append(Result(one, _NO_TIME, now, now))
        else:
            results.append(send_alone(one, account, backend))
    return results


def _is_unknown(result: SendResult | None) -> bool:
    return result is not None and result.outcome is Outcome.UNKNOWN


def _is_accepted(result: SendResult | None) -> bool:
    return result is not None and result.outcome is Outcome.ACCEPTED
