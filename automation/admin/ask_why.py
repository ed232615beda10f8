"""The way from a flow or a mail to the page that says why, or why not (why.py)."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from unfold.dataclasses import ActionDialog
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from automation.admin.base import PageAdmin, go_to
from automation.contacts.models import Contact
from automation.models import Message


class WhoForm(BaseDialogForm):
    contact = forms.CharField(
        label="The contact's id", widget=UnfoldAdminTextInputWidget, help_text="As your services call it."
    )

    def clean_contact(self) -> Contact:
        contact = Contact.objects.filter(external_id=self.cleaned_data["contact"].replace("\0", "")).first()
        if contact is None:
            raise forms.ValidationError("No such contact is known.")
        return contact


WHO: ActionDialog = {
    "title": "Why, or why not?",
    "description": "Why did somebody get this flow's mail, or not? Say who.",
    "form_class": WhoForm,
    "form_submit_text": "Ask",
}


class AsksWhy(PageAdmin):
    """Mix into the pages from where it is asked. For who may look at contacts."""

    def has_why_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("automation.view_contact")


class AsksWhyOfFlow(AsksWhy):
    @action(description="Why, or why not?", icon="help", permissions=["why"], dialog=WHO)
    def ask_why(self, request: HttpRequest, form: WhoForm, object_id: str) -> HttpResponseBase:
        flow = self.find(request, object_id)
        return go_to(request, _url(form.cleaned_data["contact"].pk, flow.pk))


class AsksWhyOfMessage(AsksWhy):
    @action(description="Why, or why not?", icon="help", url_path="why", permissions=["why"])
    def ask_why(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Offered only for the mail of a flow to a contact."""
        message: Message = self.find(request, object_id)
        if message.contact_id is None or message.flow_version is None:
            return self.back_to(request, message)
        return go_to(request, _url(message.contact_id, message.flow_version.flow_id))


def _url(contact_id: int, flow_id: int) -> str:
    return f"{reverse('admin:automation_contact_why', args=[contact_id])}?{urlencode({'flow': flow_id})}"
