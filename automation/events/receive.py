"""Events as clients write them, from bytes to receipts: what every door for clients calls."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from automation.core.faults import Refused
from automation.core.together import Together
from automation.events.ingest import NewEvent, Outcome, Receipt, ingest
from automation.events.read import read_event


def receive(raws: Sequence[bytes], *, at: datetime) -> list[Receipt]:
    """Take in events, each a JSON object in UTF-8. A receipt for each, in their order; a bad one costs no other."""
    read = [_read(raw, at) for raw in raws]
    taken = iter(ingest(events=[one for one in read if isinstance(one, NewEvent)], at=at))
    return [next(taken) if isinstance(one, NewEvent) else one for one in read]


def receive_one(raw: bytes) -> Receipt:
    """Take in one event. Many threads that call this at once share a transaction, and so its cost."""
    return _singly.do(raw)


def _receive_now(raws: Sequence[bytes]) -> list[Receipt]:
    return receive(raws, at=timezone.now())


_singly = Together(_receive_now)


def _read(raw: bytes, at: datetime) -> NewEvent | Receipt:
    try:
        return read_event(raw, at=at)
    except Refused as refused:
        return Receipt(Outcome.INVALID, None, refused.faults)
