"""Whether contacts are in segments, by the segments' rules: for a batch, and for one contact with the reasons."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from automation.contacts.models import Contact
from automation.core import rules
from automation.core.json import JsonObject
from automation.core.rules.answer import answer
from automation.segments.models import Segment

Pair = tuple[Contact, Segment]  # Is this contact in this segment?


class Standing(NamedTuple):
    contact_id: int
    segment_id: int
    is_in: bool
    again_at: datetime | None  # When time alone may change that; None: never.


def assess(pairs: Sequence[Pair], *, at: datetime) -> list[Standing]:
    """Where each contact stands, in the order of `pairs`. A statement for each question about history that differs.

    The rules are asked in Python and not in SQL, since what they read is also what tells when to ask again.
    """
    asking = {segment.pk: rules.history(segment.asks) for segment in {segment for _, segment in pairs}}
    asked = ((contact.pk, question) for contact, segment in pairs for question in asking[segment.pk])
    answers = answer(asked, at=at)
    return [
        _stand(contact, segment, {one.key: answers[contact.pk, one.key] for one in asking[segment.pk]}, at)
        for contact, segment in pairs
    ]


def _stand(contact: Contact, segment: Segment, history: Mapping[str, rules.Answer], at: datetime) -> Standing:
    if contact.erased_at:  # It only stays for whatever counts its events.
        return Standing(contact.pk, segment.pk, is_in=False, again_at=None)
    facts = _facts(contact, history)
    again_at = rules.next_change(segment.asks, facts, at=at)
    return Standing(contact.pk, segment.pk, rules.holds(segment.asks, facts, at=at), again_at)


def explain(contact: Contact, segment: Segment, *, at: datetime) -> JsonObject:
    """The trace of the segment's rule: why this contact is in or out."""
    asked = [(contact.pk, question) for question in rules.history(segment.asks)]
    history = {key: one for (_, key), one in answer(asked, at=at).items()}
    return rules.evaluate(segment.asks, _facts(contact, history), at=at)


def _facts(contact: Contact, history: Mapping[str, rules.Answer]) -> JsonObject:
    return {"contact": contact.facts(), "event": {}, "history": history}
