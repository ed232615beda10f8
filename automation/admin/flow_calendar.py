"""The part of a flow's page about when it sends, who takes part, and what counts as success."""

from datetime import timedelta
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from automation.admin.fields import DurationField
from automation.flows.models import Weekday

HOURS = ["send_from", "send_until", "send_weekdays", "quiet_hours", "time_zone"]
SHARES = ["rollout_percent", "holdout_percent", "conversion_event", "conversion_within"]
FIELDSETS: list[tuple[str, dict[str, Any]]] = [
    (
        "When it sends",
        {
            "fields": [("send_from", "send_until"), "send_weekdays", "quiet_hours", "time_zone"],
            "description": "By the clock of each contact. What comes up at another time waits for the next opening.",
        },
    ),
    (
        "Who takes part, and whether it helps",
        {
            "fields": [("rollout_percent", "holdout_percent"), ("conversion_event", "conversion_within")],
            "description": "Always the same people: raising 10 % to 20 % keeps the 10.",
        },
    ),
]
LABELS = {
    "send_from": "From",
    "send_until": "Until",
    "quiet_hours": "Quiet hours",
    "time_zone": "Time zone, if a contact's is not known",
    "rollout_percent": "Rolled out to, in percent",
    "holdout_percent": "Held out, in percent",
    "conversion_event": "It has helped when this happens",
}
HELP_TEXTS = {
    "send_from": "Both empty: at any time of day.",
    "send_until": "An earlier time than the first is on the next morning.",
    "quiet_hours": "They are set for all flows, in the house rules.",
    "time_zone": "Such as Europe/Lisbon. Empty: that of the house rules.",
    "rollout_percent": "Of those who would enter. The others are left alone.",
    "holdout_percent": "Of those who would enter. They get nothing, and are counted for comparison.",
    "conversion_event": "Counted for those who entered and for those held out.",
}


class CalendarFields(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    """Mix into the flow's form."""

    send_weekdays = forms.TypedMultipleChoiceField(
        label="On",
        choices=Weekday.choices,
        coerce=int,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="None chosen: on all days.",
    )
    conversion_within = DurationField(
        label="Within",
        required=True,
        initial=timedelta(days=7),
        help_text="After somebody entered, or would have.",
    )

    def clean_send_weekdays(self) -> list[int] | None:
        return self.cleaned_data["send_weekdays"] or None
