"""Send: hand one claimed message to its account's ESP, through Anymail, and say what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, NamedTuple

from anymail.message import AnymailMessage
from django.utils import timezone

from automation.core.text import storable
from automation.delivery.claim import Claimed
from automation.delivery.email import NotFitToSend, build
from automation.delivery.envelope import Envelope
from automation.delivery.errors import MAX_DETAIL, classify, classify_status
from automation.delivery.idempotency import set_key
from automation.delivery.models import EspAccount
from automation.delivery.outcomes import Outcome, SendResult
from templates_app.faults import RenderFailed

# Connect, read. A read time-out makes a message uncertain, so it is generous; together with the wait for a free
# thread they must stay below the lease.
TIMEOUTS_S = (5.0, 30.0)


@dataclass(eq=False, slots=True)
class Call:
    """Messages that are handed over together: one, or as many as the account's provider takes in a batch."""

    messages: Sequence[Claimed]
    begin_by: float  # By the monotonic clock. Begun later, it could outlast the lease.
    _taken: Lock = field(default_factory=Lock)

    def take(self) -> bool:
        """True for one caller: the thread that makes the call, or the pump that withdraws it before."""
        return self._taken.acquire(blocking=False)


class Result(NamedTuple):
    """One attempt for one claimed message, and what came of it."""

    claimed: Claimed
    result: SendResult
    began_at: datetime
    ended_at: datetime
    in_batch: bool = False  # Handed over with others: no key of the message's own makes asking again safe.


def results_for(call: Call, result: SendResult, *, began_at: datetime) -> list[Result]:
    """The same for each of a call's messages."""
    ended_at, in_batch = timezone.now(), len(call.messages) > 1
    return [Result(one, result, began_at, ended_at, in_batch) for one in call.messages]


def send_alone(claimed: Claimed, account: EspAccount, backend: Any) -> Result:
    """Hand over one message by a call of its own. Whatever the ESP, the template or the mail does has an outcome."""
    began_at = timezone.now()
    match build_email(claimed.envelope):
        case SendResult() as refused:
            result = refused
        case email:
            result = _send(email, claimed, account, backend)
    return Result(claimed, result, began_at, timezone.now())


def build_email(envelope: Envelope) -> AnymailMessage | SendResult:
    """The mail, or why there can be none."""
    try:
        return build(envelope)
    except (NotFitToSend, RenderFailed) as error:
        return SendResult(Outcome.REJECTED, detail=storable(f"{type(error).__name__}: {error}", limit=MAX_DETAIL))
    except Exception as error:  # noqa: BLE001  # A bug, or a version from another time. Nothing has left.
        return SendResult(Outcome.REJECTED, detail=f"It cannot be built: {type(error).__name__}")


def _send(email: AnymailMessage, claimed: Claimed, account: EspAccount, backend: Any) -> SendResult:
    try:
        set_key(str(claimed.claim.message_id), provider=account.provider, email=email, backend=backend)
        backend.send_messages([email])
    except Exception as error:  # noqa: BLE001  # Anything may have happened to the bytes: `classify` decides.
        return classify(error, provider=account.provider, at=timezone.now())
    return classify_status(email.anymail_status, provider=account.provider, at=timezone.now())
