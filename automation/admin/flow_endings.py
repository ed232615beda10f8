"""The part of a flow's page about what ends a walk before its last step, and what becomes of mail that comes late."""

from datetime import timedelta
from typing import Any

from django import forms

from automation.admin.conditions.widget import RuleWidget
from automation.admin.fields import DurationField
from automation.admin.json_field import RuleField

FIELDS = ["goal_event", "goal_rule", "exit_event", "exit_rule", "late_policy", "late_after"]
FIELDSET: tuple[str, dict[str, Any]] = (
    "When it ends early",
    {
        "fields": ["goal_event", "goal_rule", "exit_event", "exit_rule", ("late_policy", "late_after")],
        "description": "Looked at all along, also while somebody waits. What was not sent by then is held back.",
    },
)
LABELS = {
    "goal_event": "The goal is reached when this happens",
    "exit_event": "Stop when this happens",
    "late_policy": "Mail of a wait that ends late",
}
HELP_TEXTS = {
    "goal_event": "Empty: by the rule below alone.",
    "exit_event": "Empty: by the rule below alone.",
    "late_policy": "Since everything was down, say, or the flow was paused.",
}


_ABOUT = "A rule about the contact, or about that event."


class EndingFields(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    """Mix into the flow's form."""

    goal_rule = RuleField(label="And only if", help_text=_ABOUT, widget=RuleWidget(event="goal_event"))
    exit_rule = RuleField(label="And only if", help_text=_ABOUT, widget=RuleWidget(event="exit_event"))
    late_after = DurationField(label="Late is", required=True, initial=timedelta(hours=6), help_text="After its time.")
