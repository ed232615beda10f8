"""Pages of what happened: only read, searched by index, and made for millions of rows."""

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

from automation.admin.base import KeptAdmin
from automation.contacts.models import Contact


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # Not subscriptable at run time.
    """For lists that may have millions of rows: counts no further than LIMIT, which is as far as one can page."""

    LIMIT = 10_000
    template_name = "admin/automation/pagination.html"

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # Django's ChangeList gives it one.
        return min(rows.order_by()[: self.LIMIT + 1].count(), self.LIMIT)

    @property
    def is_capped(self) -> bool:
        return self.count == self.LIMIT


class LogChangeList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """Unless something was searched for, what is shown is all: unfold need not offer to show all."""
        super().get_results(request)
        if not (self.query or self.has_active_filters):
            self.full_result_count = self.result_count


class LogAdmin(KeptAdmin):
    """To be read, searched by whole values, and by some perhaps replayed."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    ordering = ["-pk"]
    search_fields = ["pk"]  # Only so that there is a search box; `matching` decides.
    only_if_set: Collection[str] = ()  # Fields that a page leaves out while there is nothing in them.

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[str | None, dict[str, Any]]]:
        def shown(name: str) -> bool:
            return name not in self.only_if_set or bool(getattr(obj, name, None))

        return [
            (title, {**options, "fields": [name for name in options["fields"] if shown(name)]})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LogChangeList

    def matching(self, term: str) -> Q:
        """Rows that a search for `term` finds, all by an index."""
        raise NotImplementedError

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip().replace("\0", "")
        return (queryset.filter(self.matching(term)) if term and self.search_fields else queryset), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_replay_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change such rows, by Django's permissions, may have them tried again."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def log_many(self, request: HttpRequest, rows: Sequence[Model], text: str) -> None:
        """Into the history of each, who did what. One statement."""
        if rows:
            LogEntry.objects.log_actions(request.user.pk, rows, CHANGE, change_message=text)  # type: ignore[arg-type]  # Any rows do.


def contacts_named(term: str) -> list[int]:
    """Ids of the contacts with this id or email address. Fetched first, so that the logs' own indexes find the rest."""
    by_email = Q(email=term) & ~Q(email="")  # As the partial index says it.
    return list(Contact.objects.filter(Q(external_id=term) | by_email).values_list("pk", flat=True)[:100])


def uuid_of(term: str) -> UUID | None:
    try:
        return UUID(term)
    except ValueError:
        return None
