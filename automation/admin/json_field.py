"""JSON typed by a person: what is wrong with it is said in words, with its line or place."""

import json
from typing import Any

from django import forms
from django.forms.fields import InvalidJSONInput
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminTextareaWidget

from automation.admin.conditions.widget import RuleWidget
from automation.core import rules
from automation.core.faults import Refused
from automation.core.json import Json, JsonObject
from automation.core.strict_json import parse_object


class JsonField(forms.JSONField):
    """An object. Left empty: {}."""

    widget = UnfoldAdminTextareaWidget({"class": "font-mono", "rows": 3, "spellcheck": "false"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_python(self, value: Any) -> Json:
        if isinstance(value, str):
            return parse(value) if value.strip() else {}
        return value or {}

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was typed is shown again as it was typed."""
        return initial if self.disabled else InvalidJSONInput(data or "")

    def prepare_value(self, value: Any) -> str:
        if isinstance(value, InvalidJSONInput):
            return value
        return json.dumps(value, indent=2, ensure_ascii=False) if value else ""


class RuleField(JsonField):
    """A rule (automation/core/rules/). Left empty: everybody."""

    widget = RuleWidget

    # For those whose browser runs no scripts; others see the condition builder instead.
    HELP = format_html(
        '<span class="rule-help">For example {}. Combine several as {}, or with any or none instead of all.'
        " Comparisons: {}.</span>",
        '{"field": "event.payload.total", "op": "gte", "value": 50}',
        '{"all": [rule, rule]}',
        ", ".join(rules.OPERATORS),
    )

    def prepare_value(self, value: Any) -> str:
        return super().prepare_value(_in_order(value))

    def clean(self, value: Any) -> Json:
        rule = super().clean(value)
        try:
            rules.check(rule)
        except rules.RuleInvalid as error:
            steps = [f"{int(step) + 1}." if step.isdigit() else f"“{step}”" for step in error.pointer.split("/")[1:]]
            where = f"At {' → '.join(steps)}: " if steps else ""  # People count from one.
            raise forms.ValidationError(where + error.message) from error
        return rule


def parse(text: str) -> JsonObject:
    """Only what can be stored and read by everyone behind us. Raises ValidationError."""
    try:
        return parse_object(text.encode(errors="surrogatepass"))
    except Refused as refused:
        by_line = _line(text)
        by_place = [
            f"At {fault.pointer}: {fault.message}" if fault.pointer else fault.message for fault in refused.faults
        ]
        raise forms.ValidationError([by_line] if by_line else by_place) from refused


def _line(text: str) -> str:
    """Where the text stops to be JSON; a person looks for lines, not bytes. Empty: it is JSON, only not ours."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f"Line {error.lineno}, column {error.colno}: {error.msg}."
    except (ValueError, RecursionError):
        return ""
    return ""


def _in_order(rule: Json) -> Json:
    """As people write rules; the database keeps short names first."""
    if isinstance(rule, list):
        return [_in_order(child) for child in rule]
    if not isinstance(rule, dict):
        return rule
    first = {name: rule[name] for name in ("field", "op", "value") if name in rule}
    return first | {name: _in_order(value) for name, value in rule.items() if name not in first}
