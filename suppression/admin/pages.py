"""What marketers decide about all readers: how our pages look, and where people must agree first."""

from __future__ import annotations

import base64
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.validators import FileExtensionValidator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.dataclasses import ActionDialog
from unfold.decorators import action
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminFileFieldWidget, UnfoldAdminURLInputWidget

from suppression.brand import Brand
from suppression.regions import PRESETS, RegionRule, apply_preset

# It is part of each page, so a reader loads it each time.
MAX_LOGO = 100 * 1024
LOGO_TYPES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}


class BrandForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    new_logo = forms.FileField(
        label="Logo",
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        validators=[FileExtensionValidator(LOGO_TYPES)],
        help_text=f"PNG, JPEG or WebP, {MAX_LOGO // 1024} KB at most. It becomes part of the page: nothing is loaded "
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

    def clean_new_logo(self) -> Any:
        file = self.cleaned_data["new_logo"]
        if file and file.size > MAX_LOGO:
            raise forms.ValidationError(f"This is larger than {MAX_LOGO // 1024} KB.")
        return file

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002  # Django's signature.
        if self.cleaned_data["remove_logo"]:
            self.instance.logo = ""
        if file := self.cleaned_data["new_logo"]:
            kind = LOGO_TYPES[file.name.rpartition(".")[2].lower()]
            self.instance.logo = f"data:{kind};base64,{base64.b64encode(file.read()).decode()}"
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

    list_display = ["__str__", "region", "opt_in", "law"]
    list_editable = ["opt_in"]
    list_filter = ["law", "opt_in"]
    search_fields = ["region", "law"]
    actions_list = ["gdpr", "can_spam", "ccpa"]

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
