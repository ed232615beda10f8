"""The part of a flow's form that says when contacts enter it. steps.js shows the fields that the choices need."""

import json
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from automation.events.membership import ENTERED
from automation.events.models import EventType
from automation.flows.models import Flow, FlowVersion, ReEntry
from automation.flows.triggers import Timing, TriggerKind
from automation.segments.models import Segment

FIELDS = [
    *("trigger_kind", "trigger", "trigger_key"),
    *("timing", "day", "clock", "clock_zone", "recurrence", "date_path", "offset_days", "for_everybody"),
]
LABELS = {
    "trigger_kind": "What makes contacts enter",
    "trigger": "When this happens",
    "trigger_key": "Segment",
    "timing": "When",
    "day": "Day",
    "clock": "Time of day",
    "clock_zone": "By the clock of",
    "recurrence": "On which days",
    "date_path": "Date of the contact",
    "offset_days": "Days after that date",
    "for_everybody": "Everybody may enter",
}
HELP_TEXTS = {
    "trigger_key": "Of a schedule: empty, if it is not only for a segment.",
    "day": "Once: the day. Again and again: from this day on.",
    "clock_zone": "A time zone such as Europe/Lisbon. Empty: each contact's own.",
    "date_path": "An attribute that holds a date, such as contact.attributes.birthday.",
    "offset_days": "-3: three days before it. 0: on the day itself.",
    "for_everybody": "Else the schedule needs a segment, or a rule below that says who enters.",
}
# The fields that a choice needs; those that no choice names are always there.
_AUDIENCE = ["trigger_key", "for_everybody"]
NEEDS: dict[str, dict[str, list[str]]] = {
    "trigger_kind": {
        TriggerKind.EVENT: ["trigger", "max_event_age"],
        TriggerKind.SEGMENT: ["trigger_key", "max_event_age"],
        TriggerKind.SCHEDULE: ["timing", "clock", "clock_zone", "max_event_age", *_AUDIENCE],
    },
    "re_entry": {ReEntry.AFTER: ["re_entry_after"], ReEntry.PER_KEY: ["re_entry_path"]},
    "timing": {
        Timing.ONCE: ["day"],
        Timing.RECURRING: ["day", "recurrence"],
        Timing.DATE: ["date_path", "offset_days"],
        Timing.YEARLY: ["date_path", "offset_days"],
    },
}
# In words, what people mostly mean by a recurrence.
RECURRENCES = {
    "FREQ=DAILY": "every day",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": "every weekday",
    "FREQ=WEEKLY;BYDAY=MO": "every Monday",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO": "every second Monday",
    "FREQ=MONTHLY;BYMONTHDAY=1": "on the first of each month",
    "FREQ=MONTHLY;BYMONTHDAY=-1": "on the last day of each month",
    "FREQ=MONTHLY;BYDAY=1MO": "on the first Monday of each month",
}


class RecurrenceWidget(UnfoldAdminTextInputWidget):
    """An RRULE, with those that people mostly want offered in words."""

    template_name = "admin/automation/recurrence.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["list"] = f"{name}-choices"
        return context | {"recurrences": RECURRENCES}


class TriggerForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    recurrence = forms.CharField(
        label=LABELS["recurrence"],
        required=False,
        widget=RecurrenceWidget,
        help_text="Choose one, or write an RRULE (RFC 5545).",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "trigger_key" in self.fields:
            self.fields["trigger_key"].widget = UnfoldAdminSelectWidget(choices=_segments(self.instance.trigger_key))
        for name, needs in NEEDS.items():
            if name in self.fields:  # Not in the page of someone who may only look.
                self.fields[name].widget.attrs["data-needs"] = json.dumps(needs)

    @property
    def changed_data(self) -> list[str]:
        """Another kind of trigger changes its event, too, though nobody has chosen one."""
        changed = super().changed_data
        return [*changed, "trigger"] if "trigger_kind" in changed and "trigger" not in changed else changed

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        match said.get("trigger_kind"):
            case TriggerKind.SCHEDULE:
                said["trigger"] = None
            case TriggerKind.SEGMENT:
                said["trigger"] = EventType.objects.get(name=ENTERED)
            case TriggerKind.EVENT if not said.get("trigger") and "trigger" not in self.errors:
                self.add_error("trigger", "Choose the event.")
        return said


def _segments(chosen: str) -> list[tuple[str, str]]:
    """With the one that the flow names now, even if nobody has made it yet."""
    known = dict(Segment.objects.order_by("name").values_list("key", "name"))
    missing = {chosen: f"{chosen} (does not exist)"} if chosen and chosen not in known else {}
    return [("", "-"), *missing.items(), *known.items()]


def words(triggered: Flow | FlowVersion) -> str:
    """“OrderCompleted”, “segment big-spenders”, “schedule”."""
    match TriggerKind(triggered.trigger_kind):
        case TriggerKind.SEGMENT:
            return f"segment {triggered.trigger_key}"
        case TriggerKind.SCHEDULE:
            return "schedule"
        case _:
            return str(triggered.trigger)
