"""Form fields for values that marketers type."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from templates_app.draft import JSON


class LooseJSONField(forms.JSONField):
    """JSON for people: `Ana` is a text, `49.9` a number, `[…]` a list. Only a text such as "49.9" needs its quotes."""

    def to_python(self, value: Any) -> JSON:
        if value in self.empty_values:
            return None
        if "\0" in value or "\\u0000" in value:
            raise ValidationError("There is a null character in it.")
        return _read(value)

    def prepare_value(self, value: JSON) -> str:
        if value is None:
            return ""
        return value if isinstance(value, str) and _read(value) == value else json.dumps(value, ensure_ascii=False)

    def bound_data(self, data: Any, initial: Any) -> JSON:
        return _read(data) if data else None


def _read(typed: str) -> JSON:
    try:
        return json.loads(typed, parse_constant=str)  # NaN and Infinity are no JSON, so they are text.
    except (ValueError, RecursionError):
        return typed
