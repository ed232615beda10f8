"""A list that is being taken in: its rows wait in chunks, so that a stop in mid-way loses and repeats nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone


class ListImportQuerySet(models.QuerySet["ListImport"]):
    def with_progress(self) -> models.QuerySet[Any]:
        """`chunks`, `chunks_done`, and of those done `rows_read`, `news` and `rejected`."""
        done = Q(chunk_set__done_at__isnull=False)
        return self.annotate(
            chunks=Count("chunk_set"),
            chunks_done=Count("chunk_set", filter=done),
            rows_read=Coalesce(Sum("chunk_set__size", filter=done), 0),
            news=Coalesce(Sum("chunk_set__news"), 0),
            rejected=Coalesce(Sum("chunk_set__rejected"), 0),
        )


class ListImport(models.Model):
    """One file of addresses that must not be mailed."""

    name = models.CharField(max_length=200, help_text="Where the list is from. It becomes the source of each row.")
    format = models.CharField(max_length=32)  # suppression.lists.formats
    topic = models.ForeignKey(
        "suppression.Topic",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="Of people who unsubscribed: from what. Empty: all marketing mail.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    is_read = models.BooleanField(default=False)  # All of it lies in chunks. Nothing is worked on before.
    failure = models.CharField(max_length=500, blank=True)  # Why the file could not be read to its end.

    objects = ListImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "import of a list"
        verbose_name_plural = "imports of lists"

    def __str__(self) -> str:
        return self.name


class ChunkQuerySet(models.QuerySet["Chunk"]):
    def lock_next(self) -> Chunk | None:
        """The next one to work on, locked; those that others hold are skipped."""
        waiting = self.filter(done_at=None, list_import__is_read=True).order_by("pk")
        found = waiting.select_related("list_import__topic")
        return found.select_for_update(skip_locked=True, of=("self",), no_key=True).first()


class Chunk(models.Model):
    """A thousand rows of a list. Once they are worked on, the addresses are gone from here; what was wrong stays."""

    list_import = models.ForeignKey(ListImport, models.CASCADE, related_name="chunk_set")
    first_row = models.PositiveIntegerField()  # As a spreadsheet numbers it.
    size = models.PositiveIntegerField()
    rows = models.JSONField(default=list)
    faults = models.JSONField(default=list)  # Pairs of row number and reason, and no address.
    news = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    done_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(null=True)

    objects = ChunkQuerySet.as_manager()

    class Meta:
        # Serves lock_next(): its size is what waits.
        indexes = [models.Index(F("id"), condition=Q(done_at=None), name="list_chunk_waiting")]

    def __str__(self) -> str:
        return f"from row {self.first_row}"
