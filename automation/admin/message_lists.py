"""The lists of messages: all of them, and those in one status, which show and ask what concerns them only."""

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import DropdownFilter

from automation.admin import words
from automation.core.spans import span
from automation.delivery.foresee import MAX_AGE
from automation.delivery.models import Message
from automation.delivery.reap import GRACE


def shows(request: HttpRequest, status: Message.Status) -> bool:
    """Whether this is the list of the messages in this status."""
    return request.GET.get("status__exact") == status


class WhyFilter(DropdownFilter):
    title = "why it failed"
    parameter_name = "why"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        codes = ["rejected", "attempts_exhausted", "invalid_address"] if shows(request, Message.Status.FAILED) else []
        return [(code, words.REASONS[code]) for code in codes]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        code = (self.value() or "").partition(":")[0]  # Never by an ESP's words: some may not see them.
        return queryset.filter(Q(reason=code) | Q(reason__startswith=f"{code}:")) if code else queryset


class AgeFilter(DropdownFilter):
    title = "age"
    parameter_name = "age"
    AGES = {"day": (timedelta(0), timedelta(days=1)), "week": (timedelta(days=1), MAX_AGE), "old": (MAX_AGE, None)}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = {"day": "up to a day", "week": "over a day, up to a week", "old": "over a week"}
        return list(names.items()) if shows(request, Message.Status.FAILED) else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        if self.value() not in self.AGES:
            return queryset
        over, up_to = self.AGES[self.value()]
        at = timezone.now()
        queryset = queryset.filter(created_at__lt=at - over)
        return queryset.filter(created_at__gte=at - up_to) if up_to else queryset


class GraceFilter(DropdownFilter):
    title = "grace"
    parameter_name = "grace"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        over = f"over: uncertain for {span(GRACE)} or longer"
        return [("runs", "runs"), ("over", over)] if shows(request, Message.Status.UNCERTAIN) else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        began = timezone.now() - GRACE
        if self.value() == "runs":
            return queryset.filter(uncertain_at__gt=began)
        return queryset.filter(uncertain_at__lte=began) if self.value() == "over" else queryset
