"""A flow's draft steps, edited as rows of the flow's page. steps.js shows of each row what its kind of step needs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import CharField, ForeignKey, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.forms.models import ModelChoiceIterator
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import StackedInline
from unfold.forms import PaginationInlineFormSet

from automation.admin import words
from automation.admin.fields import DurationField
from automation.admin.json_field import RuleField
from automation.admin.rule_view import one_line
from automation.core import rules
from automation.flows.draft import Draft
from automation.flows.models import Step

Kind = Step.Kind

# Which fields a kind of step has besides its name.
NEEDS = {
    Kind.SEND: ["template", "next_key"],
    Kind.WAIT: ["wait_for", "next_key"],
    Kind.BRANCH: ["rule", "next_key", "else_key"],
    Kind.EXIT: [],
}


class StepForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    wait_for = DurationField(label="Wait for")
    rule = RuleField(label="If", help_text=RuleField.HELP)

    class Meta:
        model = Step
        fields = ["kind", "key", "template", "wait_for", "rule", "next_key", "else_key", "position"]
        labels = {"kind": "What happens", "key": "Name", "next_key": "Then go to", "else_key": "Else go to"}
        help_texts = {
            "key": "Small letters, digits, - and _. Reports and rules call the step by it, so keep it.",
            "template": "",
            "next_key": "The name of another step. Empty: the step below.",
            "else_key": "The name of another step. Empty: the step below.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].widget.attrs["data-needs"] = json.dumps(NEEDS)


class StepFormSet(PaginationInlineFormSet):
    def clean(self) -> None:
        """New steps come after those that are there; the form knows no better place for them."""
        super().clean()
        last = max((form.instance.position for form in self.initial_forms), default=-1)
        for position, form in enumerate(self.extra_forms, last + 1):
            form.instance.position = position

    def save_existing_objects(self, commit: bool = True) -> list[Step]:  # noqa: FBT001, FBT002  # Django's signature.
        """Names are given up before they are taken over: steps are saved one by one, and a name is taken only once."""
        given_up = [f.instance.pk for f in self.initial_forms if "key" in f.changed_data or f in self.deleted_forms]
        free_name = Concat(Value("~"), Cast("pk", CharField()), output_field=CharField())
        Step.objects.filter(pk__in=given_up).update(key=free_name)
        saved: list[Step] = super().save_existing_objects(commit)
        return saved


class StepInline(StackedInline):
    model = Step
    form = StepForm
    formset = StepFormSet
    fields = StepForm.Meta.fields
    extra = 0
    ordering_field = "position"
    hide_ordering_field = True
    collapsible = True
    verbose_name_plural = "Steps"

    class Media:
        js = ["automation/steps.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Step]:
        return super().get_queryset(request).select_related("template")

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField[Any] | None:
        """The templates are read once, not once for each step."""
        field: forms.ModelChoiceField[Any] | None = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None:
            field.choices = [*ModelChoiceIterator(field)]
        return field


def name_rows(formsets: Sequence[Any], draft: Draft) -> None:
    """Each step's row carries what it does and what is wrong with it, so that a long flow reads at a glance."""
    for formset in formsets:
        for form in formset.formset.initial_forms:
            faults = [fault.message for fault in draft.faults if fault.step_key == form.instance.key]
            form.instance.get_inline_title = _title(form.instance, faults)


def _title(step: Step, faults: list[str]) -> SafeString:
    """What the row of a step says while it is closed."""
    complaints = format_html_join("", '<span class="step-fault">{}</span>', ((fault,) for fault in faults))
    return format_html("{} <span class='step-gist'>{}</span>{}", step.key, _gist(step), complaints)


def _gist(step: Step) -> str:
    if step.kind == Kind.SEND:
        return f"send “{step.template}”" if step.template else "send"
    if step.kind == Kind.WAIT:
        return f"wait {words.span(step.wait_for)}" if step.wait_for else "wait"
    if step.kind == Kind.BRANCH:
        return f"if {_question(step)}"
    return step.get_kind_display()


def _question(step: Step) -> str:
    """A draft's rule may have come from elsewhere, unchecked."""
    try:
        rules.check(step.rule)
    except rules.RuleInvalid:
        return "…"
    return one_line(step.rule)
