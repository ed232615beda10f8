"""A flow's draft steps, edited as rows of the flow's page. steps.js shows of each row what its kind of step needs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
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
from unfold.widgets import UnfoldAdminSelectWidget

from automation.admin.conditions.widget import RuleWidget
from automation.admin.json_field import RuleField
from automation.admin.step_fields import event_type_names, form_field
from automation.core import rules
from automation.flows.draft import Draft
from automation.flows.models import Step
from automation.flows.steps import KINDS, Field, Type, wait_event

# What only some kinds have, in the order of the kinds; what several have is one field of the form.
_OPTIONS: dict[str, Field] = {one.name: one for kind in KINDS.values() for one in kind.fields if not one.is_column}
_PREFIX = "option_"
_COLUMNS = {one.name: one for kind in reversed(KINDS.values()) for one in kind.fields if one.is_column}
# By kind: the fields that it needs, and what each is called there.
NEEDS = {
    name: {(one.name if one.is_column else _PREFIX + one.name): one.label for one in kind.fields}
    for name, kind in KINDS.items()
}


class StepForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    kind = forms.ChoiceField(
        label="What happens",
        choices=[("", "---------"), *((kind.name, kind.label) for kind in KINDS.values())],
        widget=UnfoldAdminSelectWidget({"data-needs": json.dumps(NEEDS)}),
    )
    wait_for = form_field(_COLUMNS["wait_for"])
    rule = RuleField(label="If", help_text=RuleField.HELP, widget=RuleWidget(event=_PREFIX + wait_event.EVENT.name))

    class Meta:
        model = Step
        fields = ["kind", "key", "template", "wait_for", "rule", "next_key", "else_key", "position"]
        labels = {"key": "Name", **{name: one.label for name, one in _COLUMNS.items()}}
        help_texts = {
            "key": "Small letters, digits, - and _. Reports and rules call the step by it, so keep it.",
            "template": "",
            "next_key": "The name of another step. Empty: the step below.",
            "else_key": "The name of another step. Empty: the step below.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _OPTIONS:
            self.initial.setdefault(_PREFIX + name, self.instance.options.get(name))

    def clean(self) -> dict[str, Any]:
        """Of the options, those that the kind has and that were given."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        kind = KINDS.get(cleaned.get("kind", ""))
        own = [one.name for one in kind.fields if not one.is_column] if kind else []
        given = {name: cleaned.get(_PREFIX + name) for name in own}
        self.instance.options = {name: value for name, value in given.items() if value not in (None, "", [], {})}
        return cleaned


# As if they were written out above: Django reads them from here when the inline makes its own form of this.
StepForm.declared_fields |= {_PREFIX + name: form_field(one) for name, one in _OPTIONS.items()}
_FIELDS = [*StepForm.Meta.fields[:-3], *(_PREFIX + name for name in _OPTIONS), *StepForm.Meta.fields[-3:]]


class StepFormSet(PaginationInlineFormSet):
    def add_fields(self, form: Any, index: int | None) -> None:
        """The event types are read once, not once for each step."""
        super().add_fields(form, index)
        for name, one in _OPTIONS.items():
            if one.type is Type.EVENT_TYPE:
                form.fields[_PREFIX + name].choices = self._event_types

    @cached_property
    def _event_types(self) -> list[tuple[str, str]]:
        return event_type_names()

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
    fields = _FIELDS
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
    """A draft may not be complete, and its rule may have come from elsewhere, unchecked."""
    kind = KINDS.get(step.kind)
    if kind is None:
        return step.kind
    try:
        gist = kind.gist(kind.compile(step, None))
    except (rules.RuleInvalid, KeyError, ValueError, TypeError):
        return kind.label
    return f"{gist} “{step.template}”" if step.template and kind.bare and kind.bare.name == "template" else gist
