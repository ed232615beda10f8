"""Warm-up plans: their days, how they get on, and what a person may decide about them."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from automation.admin.base import PageAdmin, asking
from automation.admin.tables import label
from automation.admin.warmup_charts import charts
from automation.admin.warmup_state import state
from automation.delivery.models import Message, SenderIdentity, WarmupDay, WarmupPlan
from automation.delivery.warmup.caps import caps_on, turn
from automation.delivery.warmup.fill import fill
from automation.delivery.warmup.presets import Caps, Preset, days
from automation.delivery.warmup.progress import count_held, progress
from automation.delivery.warmup.resume import begin_again, resume_plan

Status = WarmupPlan.Status

STATUS_COLOURS: dict[str, str] = {Status.RUNNING: "success", Status.FROZEN: "danger", Status.DONE: ""}
BRAKES = ["max_bounce_percent", "max_complaint_percent", "min_volume"]
PRESETS = {
    Preset.SENDGRID: "SendGrid's table: 4 weeks, from 20 to 176,395 mails an hour",
    Preset.TWO_WEEKS: "2 weeks, up to the volume below",
    Preset.THREE_WEEKS: "3 weeks, up to the volume below",
    Preset.FOUR_WEEKS: "4 weeks, up to the volume below",
}


class PresetFields(forms.Form):
    preset = forms.ChoiceField(
        label="Days",
        choices=[(preset.value, words) for preset, words in PRESETS.items()],
        initial=Preset.FOUR_WEEKS.value,
        widget=UnfoldAdminSelectWidget,
        help_text="They can be changed one by one afterwards.",
    )
    target = forms.IntegerField(
        label="Mails on the last day",
        min_value=1,
        max_value=100_000_000,
        initial=50_000,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="What you will send on a busy day. SendGrid's table does not ask.",
    )


def chosen_days(form: forms.BaseForm) -> list[Caps]:
    return list(days(Preset(form.cleaned_data["preset"]), target=form.cleaned_data["target"]))


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    class Meta:
        model = WarmupPlan
        fields = ["account", "domain", "started_at", *BRAKES]
        labels = {
            "started_at": "Day 1 begins",
            "max_bounce_percent": "Hard bounces, %",
            "max_complaint_percent": "Complaints, %",
            "min_volume": "Only from so many mails on",
        }
        help_texts = {
            "max_bounce_percent": "Of the day's mail. Over it, the plan freezes.",
            "max_complaint_percent": "Of the day's mail. Over it, the plan freezes; one complaint alone never does.",
        }


class NewPlanForm(PresetFields, PlanForm):
    def clean_domain(self) -> str:
        domain: str = self.cleaned_data["domain"].strip().lower()
        if not SenderIdentity.objects.of_domain(domain).exists():
            raise forms.ValidationError("No sender has an address there.")
        return domain


class PresetForm(PresetFields, BaseDialogForm):
    pass


class WhyForm(BaseDialogForm):
    reason = forms.CharField(
        max_length=200, widget=UnfoldAdminTextInputWidget, help_text="What was wrong, and what has been done about it."
    )


class DayInline(TabularInline):
    model = WarmupDay
    fields = ["day", "hourly", "daily"]
    extra = 0
    hide_title = True
    verbose_name_plural = "Days"


@admin.register(WarmupPlan)
class WarmupPlanAdmin(PageAdmin):
    form = PlanForm
    inlines = [DayInline]
    list_display = ["domain", "account", "status_shown", "day_shown", "hour_shown", "today_shown"]
    list_select_related = ["account"]
    list_filter = [("status", ChoicesDropdownFilter), ("account", RelatedDropdownFilter)]
    search_fields = ["domain"]
    actions_detail = ["resume", "begin_again", "fill"]
    change_form_before_template = "admin/automation/warmupplan/progress.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[WarmupPlan]:
        return super().get_queryset(request).prefetch_related("days")

    def get_form(
        self,
        request: HttpRequest,
        obj: WarmupPlan | None = None,
        change: bool = False,  # noqa: FBT001, FBT002  # Django's signature.
        **kwargs: Any,
    ) -> Any:
        return super().get_form(request, obj, change, **{**({} if obj else {"form": NewPlanForm}), **kwargs})

    def get_fieldsets(self, request: HttpRequest, obj: WarmupPlan | None = None) -> list[tuple[Any, Any]]:
        days = [] if obj else ["preset", "target"]
        shown = ["status_shown", "how_it_stands"] if obj else []
        return [
            (None, {"fields": ["account", "domain", *shown, "started_at", *days]}),
            ("What freezes it", {"fields": BRAKES}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: WarmupPlan | None = None) -> list[str]:
        return ["account", "domain", "status_shown", "how_it_stands"] if obj else []

    def get_inlines(self, request: HttpRequest, obj: WarmupPlan | None) -> list[Any]:
        return self.inlines if obj else []

    def save_model(
        self,
        request: HttpRequest,
        obj: WarmupPlan,
        form: Any,
        change: bool,  # noqa: FBT001  # Django's signature.
    ) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            fill(obj, chosen_days(form))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: WarmupPlan | None = None, **kwargs: Any
    ) -> HttpResponse:
        if obj:
            stored = self.find(request, str(obj.pk))  # What a refused form holds may not even be a plan.
            turn(stored, timezone.now())
            context["charts"] = charts(stored, progress(stored))
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def offered(self, obj: WarmupPlan) -> Collection[str]:
        return ["resume", "begin_again", "fill"] if obj.status == Status.FROZEN else ["begin_again", "fill"]

    @action(
        description="Resume",
        icon="play_arrow",
        permissions=["change"],
        variant=ActionVariant.PRIMARY,
        dialog={
            **asking(
                "Resume this plan?",
                "It goes on with the day that it is in. Its rates count anew from the next full hour on.",
                "Resume",
            ),
            "form_class": WhyForm,
        },
    )
    def resume(self, request: HttpRequest, form: WhyForm, object_id: str) -> HttpResponseBase:
        plan = self.find(request, object_id)
        if resume_plan(plan):
            self.log_change(request, plan, f"Resumed, was frozen ({plan.frozen_reason}): {form.cleaned_data['reason']}")
            self.message_user(request, "Running again.", messages.SUCCESS)
        else:
            self.message_user(request, "It was not frozen.", messages.WARNING)
        return self.back_to(request, plan)

    @action(
        description="Begin again",
        icon="restart_alt",
        permissions=["change"],
        dialog=asking(
            "Begin this plan again?", "Day 1 is now. What is over its cap is held from now on.", "Begin again"
        ),
    )
    def begin_again(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponseBase:
        plan = self.find(request, object_id)
        begin_again(plan)
        self.log_change(request, plan, "Began again at day 1.")
        self.message_user(request, "Day 1 has begun.", messages.SUCCESS)
        return self.back_to(request, plan)

    @action(
        description="Start from preset",
        icon="event_repeat",
        permissions=["change"],
        dialog={
            **asking(
                "Replace its days?", "The plan stays on the day that it is on; its caps change at once.", "Replace"
            ),
            "form_class": PresetForm,
        },
    )
    def fill(self, request: HttpRequest, form: PresetForm, object_id: str) -> HttpResponseBase:
        plan = self.find(request, object_id)
        fill(plan, chosen_days(form))
        self.log_change(request, plan, f"Days replaced: {PRESETS[Preset(form.cleaned_data['preset'])]}")
        self.message_user(request, "The days are those of the preset now.", messages.SUCCESS)
        return self.back_to(request, plan)

    @admin.display(description="status", ordering="status")
    def status_shown(self, plan: WarmupPlan) -> SafeString:
        return label(plan.status, STATUS_COLOURS[plan.status])

    @admin.display(description="how it stands")
    def how_it_stands(self, plan: WarmupPlan) -> SafeString:
        held = f"{reverse('admin:automation_message_changelist')}?status__exact={Message.Status.HELD}"
        return format_html(
            '{} <a class="text-link" href="{}&account__id__exact={}">See what is held</a>',
            state(plan, count_held(plan), timezone.now()),
            held,
            plan.account_id,
        )

    @admin.display(description="day")
    def day_shown(self, plan: WarmupPlan) -> str:
        if plan.status == Status.DONE:
            return "-"
        turn(plan, timezone.now())
        return f"{plan.day} of {max((row.day for row in plan.days.all()), default=0)}"

    @admin.display(description="this hour")
    def hour_shown(self, plan: WarmupPlan) -> str:
        return self._used(plan, "hourly", "used_this_hour")

    @admin.display(description="today")
    def today_shown(self, plan: WarmupPlan) -> str:
        return self._used(plan, "daily", "used_today")

    def _used(self, plan: WarmupPlan, cap: str, used: str) -> str:
        turn(plan, timezone.now())
        caps = caps_on(plan, plan.day)
        return f"{getattr(plan, used):,} of {getattr(caps, cap):,}" if caps and plan.status != Status.DONE else "-"
