"""Segments: who is in them and why, how many, and which flows go by them."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.enums import ActionVariant

from automation.admin.base import KeptAdmin, asking
from automation.admin.json_field import RuleField
from automation.admin.segment_tables import set_aside, tables_of, why_table
from automation.admin.tables import Table, label
from automation.contacts.models import Contact
from automation.core import rules
from automation.core.json import JsonObject
from automation.core.replay import replay
from automation.segments.faults import faults_of
from automation.segments.models import TASK, Segment, SegmentCheck
from automation.segments.revise import revise


class SegmentForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    rule = RuleField(label="Contacts for whom", help_text=format_html("Empty: everybody. {}", RuleField.HELP))

    class Meta:
        model = Segment
        fields = ["key", "name", "description", "rule"]

    def clean_rule(self) -> JsonObject:
        rule: JsonObject = self.cleaned_data["rule"]
        if faults := faults_of(rule, key=self.cleaned_data.get("key") or self.instance.key):
            raise forms.ValidationError(faults)
        return rule


class SetAsideFilter(admin.SimpleListFilter):
    title = "questions set aside"
    parameter_name = "set_aside"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Some")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Segment]) -> QuerySet[Segment]:
        if self.value() != "yes":
            return queryset
        return queryset.filter(Exists(SegmentCheck.objects.set_aside().filter(segment=OuterRef("pk"))))


@admin.register(Segment)
class SegmentAdmin(KeptAdmin):
    """Segments are not deleted: rules and flows name them."""

    form = SegmentForm
    list_display = ["name", "key", "sentence", "contacts", "state"]
    list_filter = [SetAsideFilter]
    search_fields = ["name", "key"]
    readonly_fields = ["sentence", "contacts", "state"]
    fieldsets = [
        (None, {"fields": ["name", "key", "description"]}),
        ("Who is in it", {"fields": ["rule", "sentence", ("contacts", "state")]}),
    ]

    actions_detail = ["try_again"]

    def offered(self, obj: Segment) -> Collection[str]:
        return ["try_again"] if set_aside(obj).exists() else []

    @action(
        description="Try again",
        icon="replay",
        permissions=["change"],
        variant=ActionVariant.PRIMARY,
        dialog=asking("Ask them again?", "Asking about these contacts kept failing, so they stay as they are.", "Ask"),
    )
    def try_again(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponseBase:
        segment = self.find(request, object_id)
        tried = replay(set_aside(segment), status=SegmentCheck.Status.DUE, pump=TASK)
        text = f"To be asked again: {len(tried):,}."
        self.log_change(request, segment, text)
        self.message_user(request, text, messages.SUCCESS)
        return self.back_to(request, segment)

    def get_readonly_fields(self, request: HttpRequest, obj: Segment | None = None) -> list[str]:
        return [*self.readonly_fields, "key"] if obj else self.readonly_fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Segment]:
        return Segment.objects.with_size()

    def save_model(
        self,
        request: HttpRequest,
        obj: Segment,
        form: Any,
        change: bool,  # noqa: FBT001  # Django's signature.
    ) -> None:
        super().save_model(request, obj, form, change)
        revise(obj)

    @admin.display(description="in words")
    def sentence(self, segment: Segment) -> str:
        return rules.sentence(segment.rule) if segment.pk else "-"

    @admin.display(description="contacts in it")
    def contacts(self, segment: Segment) -> str:
        return f"{segment.size:,}" if segment.pk else "-"  # type: ignore[attr-defined]  # By get_queryset.

    @admin.display(description="state")
    def state(self, segment: Segment) -> SafeString | str:
        if not segment.pk:
            return "-"
        return label("up to date", "success") if segment.is_filled else label("asking everybody", "info")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Segment | None = None, **kwargs: Any
    ) -> HttpResponse:
        """With `?contact=…`, as the contact's page links here, also why that one is in or out."""
        response = super().render_change_form(request, context, *args, obj=obj, **kwargs)
        asked_for = request.GET.get("contact", "")
        if obj and obj.in_force is not None and asked_for.isdecimal():
            contact = get_object_or_404(Contact, pk=asked_for)
            context["tables"].insert(0, why_table(request, obj, contact))
        return response

    def tables(self, request: HttpRequest, obj: Segment) -> list[Table]:
        return tables_of(obj)
