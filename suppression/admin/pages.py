"""What marketers decide about all readers: how our pages look, and where people must agree first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.dataclasses import ActionDialog
from unfold.decorators import action
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminFileFieldWidget, UnfoldAdminURLInputWidget

from suppression.brand import Brand
from suppression.logo import MAX_BYTES, LogoInvalid, embedded
from suppression.regions import PRESETS, RegionRule, apply_preset


class BrandForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    new_logo = forms.FileField(
        label="Logo",
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=f"PNG, JPEG or WebP, {MAX_BYTES // 1024} KB at most. It becomes part of the page: nothing is loaded "
        "from elsewhere.",
    )
    remove_logo = forms.BooleanField(required=False)
    privacy_url = forms.URLField(
        label="Privacy policy", required=False, assume_scheme="https", widget=UnfoldAdminURLInputWidget
    )

    class Meta:
        model = Brand
        fields = ["name", "new_logo", "remove_logo", "accent", "privacy_url"]
        widgets = {"accent": UnfoldAdminColorInputWidget}

    def clean_new_logo(self) -> str:
        file = self.cleaned_data["new_logo"]
        try:
            return embedded(file.name, file.read(MAX_BYTES + 1)) if file else ""
        except LogoInvalid as error:
            raise forms.ValidationError(str(error)) from error

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002  # Django's signature.
        if self.cleaned_data["remove_logo"]:
            self.instance.logo = ""
        if logo := self.cleaned_data["new_logo"]:
            self.instance.logo = logo
        return super().save(commit)


@admin.register(Brand)
class BrandAdmin(ModelAdmin):
    form = BrandForm
    list_display = ["__str__", "accent", "privacy_url"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Brand.objects.exists()


def _asking(name: str) -> ActionDialog:
    """Without it, the action would act on a mere GET."""
    regions, opt_in = PRESETS[name]
    what = "need an opt-in" if opt_in else "may be mailed until they leave"
    text = (
        f"People in {', '.join(regions)} {what}. Rules of other regions stay. Once there is any rule, a "
        "region without one needs an opt-in."
    )
    return ActionDialog(title=f"{name}?", description=text, form_class=None, form_submit_text="Add the rules")


@admin.register(RegionRule)
class RegionRuleAdmin(ModelAdmin):
    """While there is none, only topics say who must have agreed."""

    list_display = ["region_shown", "opt_in", "law"]
    list_editable = ["opt_in"]
    list_filter = ["law", "opt_in"]
    search_fields = ["region", "law"]
    actions_list = ["gdpr", "can_spam", "ccpa"]

    @admin.display(description="region", ordering="region")
    def region_shown(self, rule: RegionRule) -> str:
        return rule.region or "elsewhere, or not known"

    @action(description="Add the rules of the GDPR", permissions=["add"], dialog=_asking("GDPR"))
    def gdpr(self, request: HttpRequest, form: Any) -> HttpResponseBase:
        return self._apply(request, "GDPR")

    @action(description="Add those of CAN-SPAM", permissions=["add"], dialog=_asking("CAN-SPAM"))
    def can_spam(self, request: HttpRequest, form: Any) -> HttpResponseBase:
        return self._apply(request, "CAN-SPAM")

    @action(description="Add those of the CCPA", permissions=["add"], dialog=_asking("CCPA"))
    def ccpa(self, request: HttpRequest, form: Any) -> HttpResponseBase:
        return self._apply(request, "CCPA")

    def _apply(self, request: HttpRequest, name: str) -> HttpResponseBase:
        self.message_user(request, f"{name}: rules for {apply_preset(name)} regions.", messages.SUCCESS)
        url = reverse(f"{self.admin_site.name}:suppression_regionrule_changelist")
        if request.headers.get("HX-Request"):  # The dialogs are htmx's, which follows its own header.
            return HttpResponse(headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)
