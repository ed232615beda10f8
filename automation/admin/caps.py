"""Frequency caps: how often one contact is mailed at most."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from automation.admin.base import PageAdmin
from automation.admin.fields import DurationField
from automation.admin.tables import label
from automation.core.spans import span
from automation.delivery.models import FrequencyCap


def default(name: str) -> Any:
    """The admin takes no default of the model's for a field that a form declares itself."""
    return FrequencyCap._meta.get_field(name).get_default()  # type: ignore[union-attr]  # These are plain fields.


class FrequencyCapForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    period = DurationField(
        label="Within",
        required=True,
        initial=default("period"),
        help_text="Any stretch of so long, not a calendar week.",
    )
    patience = DurationField(
        label="Wait for room at most",
        required=True,
        initial=default("patience"),
        help_text="A mail over the cap waits so long for room. If there is none by then, it is not sent.",
    )

    class Meta:
        model = FrequencyCap
        fields = ["name", "limit", "period", "topic", "lane", "patience", "enabled"]
        labels = {"limit": "Mails at most", "topic": "About", "lane": "Of the lane", "enabled": "In force"}
        help_texts = {
            "name": "Reasons call the cap by it.",
            "limit": "To one contact, over all flows. Empty: no cap.",
            "topic": "Empty: all topics together.",
            "lane": "Empty: triggered and bulk mail together.",
        }

    def clean_period(self) -> timedelta:
        period: timedelta = self.cleaned_data["period"]
        if not period:
            raise forms.ValidationError("A cap needs a stretch of time.")
        return period


@admin.register(FrequencyCap)
class FrequencyCapAdmin(PageAdmin):
    form = FrequencyCapForm
    list_display = ["name", "sentence", "in_force"]
    readonly_fields = ["sentence"]
    fieldsets = [
        (None, {"fields": ["name", "sentence"]}),
        ("How often", {"fields": [("limit", "period"), "topic", "lane"]}),
        ("What is over it", {"fields": ["patience", "enabled"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[FrequencyCap]:
        return super().get_queryset(request).select_related("topic")

    @admin.display(description="what it says")
    def sentence(self, cap: FrequencyCap) -> str:
        return sentence(cap) if cap.pk else "-"

    @admin.display(description="in force", ordering="enabled")
    def in_force(self, cap: FrequencyCap) -> SafeString:
        is_one = cap.enabled and cap.limit is not None
        return label("yes", "success") if is_one else label("no")


def sentence(cap: FrequencyCap) -> str:
    """“Nobody gets more than 3 marketing mails in 7 days.”"""
    if cap.limit is None:
        return "No cap: it has no number."
    kind = cap.lane or "marketing"
    mails = f"1 {kind} mail" if cap.limit == 1 else f"{cap.limit:,} {kind} mails"
    about = f" about {cap.topic.name}" if cap.topic else ""
    return f"Nobody gets more than {mails}{about} in {span(cap.period)}."
