"""Logs whose set-aside rows can be given back to their pump, one by one or many at once."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from unfold.decorators import action
from unfold.enums import ActionVariant

from automation.admin.base import asking
from automation.admin.logs import LogAdmin
from automation.core.replay import replay


class ReplayableAdmin(LogAdmin):
    claimed_as: str  # The status of rows that `pump` claims.
    pump: str
    actions = ["try_selected_again"]
    actions_detail = ["try_again"]

    @admin.display(description="failure")
    def failure_in_short(self, row: Any) -> str:
        """The kind of error. What it says may repeat the values that led to it."""
        return str(row.failure).partition(":")[0] or "-"

    def offered(self, obj: Any) -> Collection[str]:
        return ["try_again"] if obj.status == "set_aside" else []

    @action(
        description="Try again",
        icon="replay",
        permissions=["replay"],
        variant=ActionVariant.PRIMARY,
        dialog=asking(
            "Try this again?",
            "It was set aside for the reason that is shown. If that still holds, it will be set aside again. What was "
            "done already is not done twice.",
            "Try again",
        ),
    )
    def try_again(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponseBase:
        row = self.find(request, object_id)
        self._replay(request, self.model.objects.filter(pk=row.pk))
        return self.back_to(request, row)

    @admin.action(description="Try again (those set aside only)", permissions=["replay"])
    def try_selected_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._replay(request, queryset)

    def _replay(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        if tried := replay(rows, status=self.claimed_as, pump=self.pump):
            self.log_many(request, tried, "To be tried again.")
            self.message_user(request, f"To be tried again: {len(tried):,}.", messages.SUCCESS)
        else:
            self.message_user(request, "Nothing to do: none of them is set aside.", messages.WARNING)
