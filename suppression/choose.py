"""A person chooses, of all public topics, what to receive."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from suppression.ledger import Agreement, Proof, agree, leave, whose
from suppression.models import Reason, Topic
from suppression.policy import NO_CONSENT, Addressee, check_many
from suppression.tokens import UnsubscribeToken

# What somebody can undo by ticking a box. Anything else was told by others.
_OWN = {"", NO_CONSENT, Reason.UNSUBSCRIBED}


class Choice(NamedTuple):
    topic: Topic
    receives: bool
    may_receive: bool  # False: mail to this address came back, was reported as spam, or is stopped by a person.


def choices(token: UnsubscribeToken, *, heed_signal: bool, at: datetime) -> list[Choice]:
    """How things stand, as far as is known without the contact: where a region needs to be known, as in the strictest.

    `heed_signal`: the browser sends Global Privacy Control, so topics that share personal data count as left. A
    constant number of statements.
    """
    topics = list(Topic.objects.filter(is_public=True).prefetch_related("translations"))
    address_hash = whose(token).address_hash
    verdicts = check_many([Addressee(address_hash, topic.pk) for topic in topics], at=at)
    return [
        Choice(topic, verdict.allowed and not (heed_signal and topic.is_shared), verdict.reason in _OWN)
        for topic, verdict in zip(topics, verdicts, strict=True)
    ]


@transaction.atomic
def choose(
    *,
    token: UnsubscribeToken,
    wanted: Collection[str],
    wordings: Mapping[str, str],
    heed_signal: bool,
    proof: Proof,
    at: datetime,
) -> None:
    """Agree to the public topics whose keys are `wanted` and leave the others. Idempotent.

    Also what looks unchanged is written down: where a region allows mail until somebody objects, an empty box that
    was seen and saved is an objection. `wordings`: by topic, what the page said beside its box. `heed_signal` as above:
    every topic that shares personal data is left, the public ones and the others (CCPA Regulations § 7025).
    """
    who = whose(token)
    topics = list(Topic.objects.filter(is_public=True))
    chosen = [topic for topic in topics if topic.key in wanted and not (heed_signal and topic.is_shared)]
    agreements = [Agreement(topic=topic, wording=wordings[topic.key], purpose=topic.name) for topic in chosen]
    agree(who=who, agreements=agreements, proof=proof, at=at)
    for topic in topics:
        if topic not in chosen:
            leave(who=who, topic=topic, proof=proof, at=at)
    if heed_signal:
        leave_shared(token=token, proof=proof, at=at)


def leave_shared(*, token: UnsubscribeToken, proof: Proof, at: datetime) -> None:
    """Leave every topic that sells or shares personal data. Idempotent."""
    for topic in Topic.objects.filter(is_shared=True):
        leave(who=whose(token), topic=topic, proof=proof, at=at)
