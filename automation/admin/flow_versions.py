"""Published versions of flows: exactly what runs, to be read."""

from collections import deque
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RelatedDropdownFilter

from automation.admin import flow_trigger
from automation.admin.base import KeptAdmin
from automation.admin.flow_settings import SETTINGS
from automation.admin.rule_view import rule_view
from automation.admin.tables import Table, label, link, when
from automation.core.json import JsonObject
from automation.flows.definition import Definition, of_version
from automation.flows.models import FlowVersion
from automation.flows.steps import KINDS
from templates_app.models import Template


@admin.register(FlowVersion)
class FlowVersionAdmin(KeptAdmin):
    list_display = ["flow", "number", "is_live", "enters_on", "published", "published_by"]
    list_select_related = ["flow", "trigger", "published_by"]
    list_filter = [("flow", RelatedDropdownFilter)]
    ordering = ["-pk"]
    fieldsets = [
        (None, {"fields": ["flow_link", "number", "is_live", "published_at", "published_by"]}),
        ("As it is stored", {"fields": ["definition"], "classes": ["collapse"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[FlowVersion]:
        return super().get_queryset(request).defer("definition", "trigger__schema")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def tables(self, request: HttpRequest, obj: FlowVersion) -> list[Table]:
        return [_settings(obj), _steps(of_version(obj))]

    @admin.display(description="flow")
    def flow_link(self, version: FlowVersion) -> object:
        return link(version.flow)

    @admin.display(description="live now")
    def is_live(self, version: FlowVersion) -> SafeString | str:
        return label("live", "success") if version.flow.live_version_id == version.pk else "-"

    @admin.display(description="trigger")
    def enters_on(self, version: FlowVersion) -> str:
        return flow_trigger.words(version)

    @admin.display(description="published", ordering="pk")
    def published(self, version: FlowVersion) -> object:
        return when(version.published_at)


def _settings(version: FlowVersion) -> Table:
    definition = of_version(version)
    rows = [[name, say(version, definition)] for name, say in SETTINGS.items()]
    return Table("Settings", ["Setting", ""], rows, empty="None.")


def _steps(definition: Definition) -> Table:
    template_ids = {config["template"] for config in definition.steps.values() if "template" in config}
    templates = Template.objects.in_bulk(template_ids)
    return Table(
        "Steps",
        ["Step", "Kind", "What it does", "Then"],
        [
            [
                f"{key} (first)" if key == definition.start else key,
                config["kind"],
                what(config, templates),
                then(config),
            ]
            for key, config in in_reading_order(definition)
        ],
        empty="None.",
    )


def in_reading_order(definition: Definition) -> Iterator[tuple[str, JsonObject]]:
    """From the first step on; the database keeps steps in an order of its own. Publishing left none unreachable."""
    waiting, seen = deque([definition.start]), set[str]()
    while waiting:
        key = waiting.popleft()
        if key in definition.steps and key not in seen:
            seen.add(key)
            config = definition.steps[key]
            yield key, config
            waiting.extend(following for following in KINDS[config["kind"]].leads_to(config) if following)


def what(config: JsonObject, templates: dict[int, Template]) -> object:
    if "template" in config:
        return link(templates.get(config["template"]))
    return rule_view(config["rule"]) if config["kind"] == "branch" else KINDS[config["kind"]].gist(config)


def then(config: JsonObject) -> str:
    ways = KINDS[config["kind"]].leads_to(config)
    if "else" in config:
        *ways, otherwise = ways
        return f"{_named(ways)}, else {otherwise or 'the end'}"
    return _named(ways)


def _named(ways: list[str | None]) -> str:
    return ", ".join(way or "the end" for way in dict.fromkeys(ways))
