"""The suppression list as CSV, row by row: read it back with the format “Signalpost's own export”."""

import csv
from collections.abc import Iterator
from typing import Any

from suppression.lists.safe_csv import disarm
from suppression.models import Suppression, SuppressionQuerySet

COLUMNS = (
    "address",
    "hash",
    "key_version",
    "scope",
    "topic",
    "reason",
    "source",
    "note",
    "expires_at",
    "created_at",
)


class Echo:
    """A file whose `write` gives back what is written: csv then makes one line at a time."""

    def write(self, text: str) -> str:
        return text


def export(suppressions: SuppressionQuerySet) -> Iterator[str]:
    """Lines, in constant memory. The address is empty where only its hash is known."""
    writer: Any = csv.writer(Echo())
    yield writer.writerow(COLUMNS)
    rows = suppressions.order_by("pk").select_related("topic").only("topic__key", *_FIELDS)
    for row in rows.iterator(chunk_size=2_000):
        yield writer.writerow([disarm(cell) for cell in _cells(row)])


_FIELDS = ("address", "address_hash", "key_version", "scope", "reason", "source", "note", "expires_at", "created_at")


def _cells(row: Suppression) -> tuple[str, ...]:
    return (
        row.address,
        bytes(row.address_hash).hex(),
        str(row.key_version),
        row.scope,
        row.topic.key if row.topic else "",
        row.reason,
        row.source,
        row.note,
        row.expires_at.isoformat() if row.expires_at else "",
        row.created_at.isoformat(),
    )
