"""Topics, for marketers to edit, with their names in other languages."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from suppression.models import Topic, TopicTranslation


class TranslationInline(TabularInline):
    model = TopicTranslation
    extra = 0
    verbose_name = "translation"


@admin.register(Topic)
class TopicAdmin(ModelAdmin):
    list_display = ["name", "key", "requires_opt_in", "is_public", "is_shared"]
    search_fields = ["name", "key"]
    inlines = [TranslationInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Topic | None = None) -> list[str]:
        return ["key"] if obj else []  # Flows and files name it.

    def get_prepopulated_fields(self, request: HttpRequest, obj: Topic | None = None) -> dict[str, list[str]]:
        return {} if obj else {"key": ["name"]}
