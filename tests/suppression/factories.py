"""The smallest valid rows of the suppression app."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from suppression.address import hash_address
from suppression.models import Consent, Reason, Suppression, Topic
from suppression.suppress import Entry, suppress_many
from suppression.tokens import UnsubscribeToken

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ANA = hash_address("ana@example.com")
BEN = hash_address("ben@example.com")
MESSAGE_ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
_numbers = count(1)


def make_topic(**values: Any) -> Topic:
    number = next(_numbers)
    return Topic.objects.create(**{"key": f"topic-{number}", "name": f"Topic {number}", **values})


def make_entry(**values: Any) -> Entry:
    return Entry(**{"address_hash": ANA, "reason": Reason.UNSUBSCRIBED, "source": "test", **values})


def make_suppression(**values: Any) -> Suppression:
    [row] = suppress_many([make_entry(**values)], at=NOW)
    return row


def make_consent(**values: Any) -> Consent:
    return Consent.objects.create(
        **{"address_hash": ANA, "decision": Consent.Decision.GRANTED, "source": "test", "at": NOW, **values}
    )


def make_read_token(**values: Any) -> UnsubscribeToken:
    return UnsubscribeToken(**{"address_hash": ANA, "topic_id": None, "message_id": MESSAGE_ID, **values})
