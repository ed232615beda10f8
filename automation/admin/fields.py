"""Form fields for people: durations in days, hours and minutes, and lists with one item a line."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

UNITS = {"86400": "days", "3600": "hours", "60": "minutes", "1": "seconds"}
LONGEST = timedelta(days=3650)


class DurationWidget(forms.MultiWidget):
    template_name = "admin/automation/duration.html"

    def __init__(self) -> None:
        super().__init__(
            [
                UnfoldAdminIntegerFieldWidget({"min": "0", "aria-label": "How many"}),
                UnfoldAdminSelectWidget({"aria-label": "Unit"}, choices=list(UNITS.items())),
            ]
        )

    def decompress(self, value: timedelta | None) -> list[Any]:
        """In the largest unit that says it exactly."""
        if value is None:
            return [None, "86400"]
        seconds = int(value.total_seconds())
        unit = next(unit for unit in UNITS if seconds % int(unit) == 0)
        return [seconds // int(unit), unit]


class DurationField(forms.MultiValueField):
    widget = DurationWidget

    def __init__(self, **kwargs: Any) -> None:
        fields = [forms.IntegerField(min_value=0, required=False), forms.ChoiceField(choices=list(UNITS.items()))]
        super().__init__(fields, **{"required": False, "require_all_fields": False, **kwargs})

    def compress(self, data_list: Sequence[Any]) -> timedelta | None:
        if not data_list or data_list[0] is None:
            return None
        count, unit = data_list
        if count * int(unit) > LONGEST.total_seconds():
            raise forms.ValidationError("This is longer than ten years.")
        return timedelta(seconds=count * int(unit))


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = UnfoldAdminTextareaWidget({"rows": 3, "class": "font-mono", "spellcheck": "false"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # A list is what this field is for.
        lines = value if isinstance(value, list) else str(value or "").replace("\0", "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)
