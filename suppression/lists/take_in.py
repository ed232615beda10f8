"""Take a list in: cut the file into chunks as it comes, then work them off one by one, wherever one has stopped."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from suppression.address import InvalidAddress
from suppression.lists.formats import FORMATS, Format
from suppression.lists.models import Chunk, ListImport
from suppression.lists.read_row import OWN, BadRow, read_row
from suppression.models import Topic
from suppression.suppress import suppress_many

# Rows in one transaction. More, and a stop repeats more and a claim that asks for the same index waits longer; fewer,
# and each row pays for more of the commit.
CHUNK = 1_000
MAX_LINE = 64 * 1024  # Longer than this is no list of addresses.

Row = dict[str, str]


class UnreadableList(ValueError):
    """The file is not what it was said to be. The text is for people."""


def cut(*, list_import: ListImport, lines: Iterable[str]) -> None:
    """Store a file's rows as chunks, in constant memory. Raises UnreadableList, and nothing of it is worked on then."""
    one = FORMATS[list_import.format]
    try:
        for first_row, rows in _chunks(_rows(lines, one)):
            Chunk.objects.create(list_import=list_import, first_row=first_row, size=len(rows), rows=rows)
    except (ValueError, csv.Error) as error:  # UnreadableList, and what decoding UTF-8 or JSON raises.
        reason = str(error) if isinstance(error, UnreadableList) else "It is not CSV in UTF-8."
        Chunk.objects.filter(list_import=list_import).delete()
        ListImport.objects.filter(pk=list_import.pk).update(failure=reason)
        raise UnreadableList(reason) from error
    ListImport.objects.filter(pk=list_import.pk).update(is_read=True)


@transaction.atomic
def take_in_next(*, at: datetime | None = None) -> int:
    """Suppress what the next waiting chunk says. Returns how many rows it had; 0: none waits.

    All or nothing, so it may be stopped at any time and any number may run. A row with a fault costs no other.
    """
    chunk = Chunk.objects.lock_next()
    if chunk is None:
        return 0
    entries, faults = [], []
    topics = dict(Topic.objects.values_list("key", "pk"))
    source_list = chunk.list_import
    for number, row in enumerate(chunk.rows, chunk.first_row):
        try:
            entries.append(
                read_row(
                    row,
                    FORMATS[source_list.format],
                    own=source_list.format == OWN,
                    source=source_list.name,
                    topics=topics,
                    topic_id=source_list.topic_id,
                )
            )
        except (BadRow, InvalidAddress) as error:
            faults.append((number, str(error)))
    at = at or timezone.now()
    chunk.news = len(suppress_many(entries, at=at))
    chunk.rows, chunk.faults, chunk.rejected, chunk.done_at = [], faults, len(faults), at
    chunk.save(update_fields=["rows", "faults", "news", "rejected", "done_at"])
    return chunk.size


def faults_of(list_import: ListImport) -> Iterator[tuple[int, str]]:
    """Of every row that was not taken, its number in the file and why."""
    for faults in list_import.chunk_set.exclude(rejected=0).order_by("pk").values_list("faults", flat=True).iterator():
        yield from ((number, reason) for number, reason in faults)


def _chunks(rows: Iterator[tuple[int, Row]]) -> Iterator[tuple[int, list[Row]]]:
    """Rows without gaps between their numbers: a blank line of the file is a row, too."""
    while batch := list(islice(rows, CHUNK)):
        yield batch[0][0], [row for _, row in batch]


def _rows(lines: Iterable[str], one: Format) -> Iterator[tuple[int, Row]]:
    """Each with its number, as a spreadsheet counts."""
    every = iter(lines)
    first = next(every, "").removeprefix("\ufeff")
    if first.lstrip().startswith(("{", "[")):
        yield from enumerate(_json_rows("".join([first, *every]), one), 1)
        return
    reader = csv.reader(_bounded(chain([first], every)), strict=True)
    names = one.columns or tuple(name.strip().lower() for name in next(reader, ()))
    _check_columns(names, one)
    for number, cells in enumerate(reader, 1 if one.columns else 2):
        yield number, {name: cell.replace("\x00", "") for name, cell in zip(names, cells, strict=False)}


def _bounded(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if len(line) > MAX_LINE:
            raise UnreadableList("It has a line that is too long for a list of addresses.")
        yield line


def _check_columns(names: Iterable[str], one: Format) -> None:
    if not set(one.address) & set(names):
        wanted = " or ".join(f"“{name}”" for name in one.address)
        raise UnreadableList(f"It has no column {wanted}: is it really “{one.title}”?")


def _json_rows(text: str, one: Format) -> Iterator[Row]:
    """What SES' command prints: objects in a list, perhaps below a name, or one a line. Only this is read at once."""
    for row in _json_objects(text):
        if not isinstance(row, dict):
            raise UnreadableList("It is JSON, but no list of objects.")
        named = {str(name).lower(): str(value) for name, value in row.items()}
        _check_columns(named, one)
        yield named


def _json_objects(text: str) -> list[Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = [json.loads(line) for line in text.splitlines() if line.strip()]
    if isinstance(found, dict):
        return next((value for value in found.values() if isinstance(value, list)), [found])
    return list(found)
