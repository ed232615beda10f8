"""Event types: what backend services may tell us, and in which shape."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from automation.admin.base import KeptAdmin
from automation.admin.fields import LinesField
from automation.admin.json_field import JsonField
from automation.core.json import JsonObject
from automation.events.models import RESERVED_PREFIXES, EventType
from automation.events.validate import SchemaInvalid, check_schema, payload_faults


class SchemaField(JsonField):
    def clean(self, value: Any) -> JsonObject:
        schema: JsonObject = super().clean(value)
        try:
            check_schema(schema)
        except SchemaInvalid as error:
            raise forms.ValidationError(f"This is not a JSON Schema that can be used. {error}") from error
        return schema


class EventTypeForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    schema = SchemaField(
        label="JSON Schema of the payload",
        help_text="What an event must look like, else it is refused (draft 2020-12). Empty: anything is taken.",
    )
    sample = JsonField(help_text="A payload for previews and tests. It must fit the schema.")
    pii_paths = LinesField(
        label="Personal data",
        help_text="Which parts of the payload are personal data, one path a line, such as customer.phone.",
    )

    class Meta:
        model = EventType
        fields = ["name", "description", "schema", "sample", "pii_paths"]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name.startswith(RESERVED_PREFIXES):
            raise forms.ValidationError(
                f"Names that begin with {' or '.join(RESERVED_PREFIXES)} are for Signalpost's own events."
            )
        return name

    def clean(self) -> None:
        super().clean()
        sample, schema = self.cleaned_data.get("sample"), self.cleaned_data.get("schema")
        if sample and schema:
            for fault in payload_faults(sample, json.dumps(schema)):
                self.add_error("sample", f"{fault.pointer.removeprefix('/payload') or 'As a whole'}: {fault.message}")


@admin.register(EventType)
class EventTypeAdmin(KeptAdmin):
    form = EventTypeForm
    list_display = ["name", "description", "is_checked", "updated_at"]
    search_fields = ["name", "description"]
    fieldsets = [
        (None, {"fields": ["name", "description"]}),
        ("Its payload", {"fields": ["schema", "sample", "pii_paths"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: EventType | None = None) -> list[str]:
        return ["name"] if obj else []  # Services send it, flows and files name it.

    def has_change_permission(self, request: HttpRequest, obj: EventType | None = None) -> bool:
        ours = obj is not None and obj.name.startswith(RESERVED_PREFIXES)
        return not ours and super().has_change_permission(request, obj)

    @admin.display(description="payload checked", boolean=True)
    def is_checked(self, event_type: EventType) -> bool:
        return bool(event_type.schema)
