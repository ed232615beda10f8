"""With which mail, and from whom, people are asked to confirm what they have asked for."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from automation.admin.base import PageAdmin
from automation.delivery.ask_to_confirm import why_not
from automation.delivery.models import DoubleOptIn
from templates_app.models import Template


class DoubleOptInForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    def clean_template(self) -> Template:
        template: Template = self.cleaned_data["template"]
        if why := why_not(template):
            raise forms.ValidationError(why)
        return template


@admin.register(DoubleOptIn)
class DoubleOptInAdmin(PageAdmin):
    form: Any = DoubleOptInForm
    list_display = ["__str__", "template", "sender"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not DoubleOptIn.objects.exists()
