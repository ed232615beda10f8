"""Inputs for the fields that kinds of step declare."""

from collections.abc import Callable
from datetime import time
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminTimeWidget,
)

from automation.admin.fields import DurationField, LinesField
from automation.core.json import Json, JsonObject
from automation.events.models import EventType
from automation.flows.models import Weekday
from automation.flows.steps import Field, Type


class PairsField(forms.CharField):
    """An object of plain values, one “name = value” a line. A value that is a number, true or false counts as such."""

    widget = UnfoldAdminTextareaWidget({"rows": 3, "class": "font-mono", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return (
            "\n".join(f"{name} = {_spelled(one)}" for name, one in value.items()) if isinstance(value, dict) else value
        )

    def to_python(self, value: Any) -> JsonObject:  # type: ignore[override]  # An object is what this field is for.
        if isinstance(value, dict):
            return value
        lines = [line for line in str(value or "").replace("\0", "").splitlines() if line.strip()]
        pairs = [line.partition("=") for line in lines]
        for line, (name, equals, _) in zip(lines, pairs, strict=True):
            if not (equals and name.strip()):
                raise forms.ValidationError(f"“{line.strip()}” lacks a name, an equals sign, or both: name = value.")
        return {name.strip(): _read(one.strip()) for name, _, one in pairs}

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial or {})).split() != str(data or "").split()


class ClockField(forms.TimeField):
    widget = UnfoldAdminTimeWidget

    def to_python(self, value: Any) -> str:  # type: ignore[override]  # As JSON keeps it.
        clock = super().to_python(value)
        return f"{clock:%H:%M}" if isinstance(clock, time) else ""


class WeekdaysField(forms.TypedMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=Weekday.choices, coerce=int, **kwargs)

    def to_python(self, value: Any) -> list[str]:
        return [day for day in super().to_python(value) if day != ""]


def form_field(one: Field) -> forms.Field:
    return _FIELDS[one.type](label=one.label, help_text=one.help, required=False)


def _event_types(**kwargs: Any) -> forms.Field:
    return forms.ChoiceField(choices=event_type_names, widget=UnfoldAdminSelectWidget, **kwargs)


def event_type_names() -> list[tuple[str, str]]:
    return [("", "---------"), *((name, name) for name in EventType.objects.values_list("name", flat=True))]


def _text(**kwargs: Any) -> forms.Field:
    return forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget, **kwargs)


def _long_text(**kwargs: Any) -> forms.Field:
    return forms.CharField(max_length=2000, widget=UnfoldAdminTextInputWidget, **kwargs)


def _whole(**kwargs: Any) -> forms.Field:
    return forms.IntegerField(widget=UnfoldAdminIntegerFieldWidget, **kwargs)


_FIELDS: dict[Type, Callable[..., forms.Field]] = {
    Type.DURATION: DurationField,
    Type.TEXT: _long_text,
    Type.PATH: _text,
    Type.EVENT_TYPE: _event_types,
    Type.CLOCK: ClockField,
    Type.WEEKDAYS: WeekdaysField,
    Type.WHOLE: _whole,
    Type.NAMES: LinesField,
    Type.PAIRS: PairsField,
}


def _spelled(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _read(text: str) -> Json:
    """“50” is a number. Who means the text puts it into double quotes."""
    if text in {"true", "false"}:
        return text == "true"
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        return number if abs(number) < 2**53 else text
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
