"""The field of a form in which a rule is put together. Without scripts it is the text of the rule, and works, too."""

from typing import Any

from django.forms import Media, Script
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextareaWidget


class RuleWidget(UnfoldAdminTextareaWidget):
    """What is posted is the text, which the builder keeps up to date.

    `event`: the field beside it that says of which event the rule is. Empty, or nothing chosen there: of the trigger.
    """

    def __init__(self, attrs: dict[str, Any] | None = None, *, event: str = "") -> None:
        own = {"data-event": event} if event else {}
        super().__init__({"class": "font-mono", "rows": 3, "spellcheck": "false", **own, **(attrs or {})})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        told = {"data-offer": reverse("conditions:offer"), "data-sentence": reverse("conditions:sentence")}
        return super().get_context(name, value, {**(attrs or {}), **told})

    @property
    def media(self) -> Media:
        return Media(
            css={"all": ["automation/conditions/conditions.css"]},
            js=[Script("automation/conditions/builder.js", type="module")],  # type: ignore[list-item]  # Since 5.2.
        )
