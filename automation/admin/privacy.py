"""What a person may ask of us, on their contact's page: all that is known of them, and to be forgotten."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from unfold.dataclasses import ActionDialog
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from automation.admin.base import PageAdmin
from automation.contacts.models import Contact
from automation.privacy.erase import erase
from automation.privacy.export import export


class ForgetForm(BaseDialogForm):
    """There is no way back, so more is asked for than a click."""

    external_id = forms.CharField(
        label="The contact's id", widget=UnfoldAdminTextInputWidget, help_text="As it stands on the page."
    )

    def clean_external_id(self) -> str:
        typed: str = self.cleaned_data["external_id"]
        found = Contact.objects.filter(external_id=typed).values_list("pk", flat=True).first()
        if str(found) != self.object_id:
            raise forms.ValidationError("This is not this contact's id.")
        return typed


FORGET: ActionDialog = {
    "title": "Forget this person?",
    "description": "All that is known of them is emptied for ever, and what waits to be sent to them is not sent. That "
    "they must not be mailed stays. To go on, type the contact's id.",
    "form_class": ForgetForm,
    "form_submit_text": "Forget this person",
}


class PrivacyAdmin(PageAdmin):
    """The part of the contacts' pages for which one needs `erase_contact`."""

    def offered(self, obj: Contact) -> Collection[str]:
        return set(super().offered(obj)) - ({"forget"} if obj.erased_at else set())

    def has_erase_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("automation.erase_contact")

    @action(description="Export", icon="download", permissions=["erase"])
    def export(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        contact = self.find(request, object_id)
        _note(request, contact.pk, "Exported.")
        headers = {"Content-Disposition": f'attachment; filename="contact-{contact.pk}.json"'}
        return StreamingHttpResponse(export(contact), content_type="application/json", headers=headers)

    @action(
        description="Forget this person",
        icon="person_remove",
        permissions=["erase"],
        variant=ActionVariant.DANGER,
        dialog=FORGET,
    )
    def forget(self, request: HttpRequest, form: ForgetForm, object_id: str) -> HttpResponseBase:
        contact = self.find(request, object_id)
        if erase(external_id=form.cleaned_data["external_id"], by=request.user.get_username()):
            _note(request, contact.pk, "Forgotten.")
            self.message_user(request, "Forgotten.", messages.SUCCESS)
        else:
            self.message_user(request, "This person was forgotten already.", messages.WARNING)
        return self.back_to(request, contact)


def _note(request: HttpRequest, contact_id: int, what: str) -> None:
    """By our own number: the log is kept for longer than the person is known."""
    LogEntry.objects.create(
        user=request.user,  # type: ignore[misc]  # Nobody unknown gets here.
        content_type=ContentType.objects.get_for_model(Contact),
        object_id=str(contact_id),
        object_repr=f"contact {contact_id}",
        action_flag=CHANGE,
        change_message=what,
    )
