"""Actions on a list that first show what they would do, and do it once somebody has agreed to just that."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from automation.admin.logs import LogAdmin
from automation.admin.tables import Table


class Agreement(forms.Form):
    """What the page sends back to the action that showed it."""

    terms = ""  # Whatever else was asked with: agreed is only to what was shown.
    asked_at = forms.CharField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """As the page sent it. Empty: the action was only just chosen."""
        return cls(request.POST if "asked_at" in request.POST else None)

    @property
    def is_given(self) -> bool:
        return "agreed" in self.data and self.is_valid() and self.data.get("terms", "") == self.terms

    def clean_asked_at(self) -> datetime:
        try:
            at = datetime.fromisoformat(self.cleaned_data["asked_at"])
        except ValueError as error:
            raise forms.ValidationError("This is no time.") from error
        if at.tzinfo is None:
            raise forms.ValidationError("This time names no zone.")
        return at


class AgreementAdmin(LogAdmin):
    """Its actions answer with `ask` until they are sent an Agreement that is given."""

    def ask(
        self,
        request: HttpRequest,
        *,
        action: str,
        title: str,
        text: Sequence[str],
        form: Agreement,
        asked_at: datetime,
        button: str,
        again: str = "",
        tables: Sequence[Table] = (),
        chosen: Sequence[Any] = (),
    ) -> HttpResponse:
        """The page that shows what `action` would do with what was chosen in the list, or with `chosen`.

        `button` does it, `again` asks anew with what is in the form; without a text there is none.
        """
        name = f"{self.opts.app_label}_{self.opts.model_name}_changelist"
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "text": text,
            "tables": tables,
            "form": form,
            "hidden": {"action": action, "asked_at": asked_at.isoformat(), "terms": form.terms},
            "button": button,
            "again": again,
            "checkbox": ACTION_CHECKBOX_NAME,
            "chosen": chosen or request.POST.getlist(ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
            "list_url": f"{reverse(f'{self.admin_site.name}:{name}')}?{request.META['QUERY_STRING']}",
        }
        return TemplateResponse(request, "admin/automation/agreement.html", context)
