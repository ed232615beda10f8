"""API keys: made and shown once, then known by their first characters only."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from automation.admin.base import KeptAdmin, asking
from automation.admin.tables import label, when
from automation.api.keys import make_key
from automation.api.models import ApiKey, Scope
from automation.api.revoke import revoke


class ApiKeyForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    scopes = forms.MultipleChoiceField(
        label="It may", choices=Scope, initial=Scope.values, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = ApiKey
        fields = ["name", "scopes", "expires_at"]

    def clean_expires_at(self) -> Any:
        expires_at = self.cleaned_data["expires_at"]
        if expires_at and expires_at <= timezone.now():
            raise forms.ValidationError("This is in the past: the key could never be used.")
        return expires_at


@admin.register(ApiKey)
class ApiKeyAdmin(KeptAdmin):
    form = ApiKeyForm
    list_display = ["name", "starts_with", "may", "state", "last_used", "expires_at"]
    search_fields = ["name", "prefix"]
    actions_detail = ["revoke"]

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        return [*ApiKeyForm.Meta.fields, *(["starts_with", "state", "last_used", "created_at"] if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        return ["starts_with", "state", "last_used", "created_at"] if obj else []

    def offered(self, obj: ApiKey) -> Collection[str]:
        return [] if obj.revoked_at else ["revoke"]

    def save_model(
        self,
        request: HttpRequest,
        obj: ApiKey,
        form: ApiKeyForm,
        change: bool,  # noqa: FBT001  # Django's signature.
    ) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            scopes = [Scope(scope) for scope in obj.scopes]
            made, secret = make_key(name=obj.name, scopes=scopes, expires_at=obj.expires_at)
            obj.pk, obj.prefix = made.pk, made.prefix
            obj.secret = secret  # type: ignore[attr-defined]  # For `response_add` alone.

    @method_decorator(never_cache)
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One button: what follows is the key, whichever was pressed."""
        one_button = {"show_save_and_continue": False, "show_save_and_add_another": False}
        return super().add_view(request, form_url, {**(extra_context or {}), **one_button})

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        """Shows the key in this very answer: it is kept nowhere, not even for the next page."""
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": "A new API key", "key": obj}
        return TemplateResponse(request, "admin/automation/apikey/made.html", context)

    @action(
        description="Revoke",
        icon="block",
        permissions=["change"],
        variant=ActionVariant.DANGER,
        dialog=asking(
            "Revoke this key?", "The service that uses it is refused within seconds. This is for ever.", "Revoke"
        ),
    )
    def revoke(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponseBase:
        key = self.find(request, object_id)
        if revoke(key=key):
            self.log_change(request, key, "Revoked.")
            self.message_user(request, "Revoked.", messages.SUCCESS)
        else:
            self.message_user(request, "It was revoked already.", messages.WARNING)
        return self.back_to(request, key)

    @admin.display(description="begins with")
    def starts_with(self, key: ApiKey) -> SafeString:
        return format_html("<code>{}…</code>", key.prefix)

    @admin.display(description="it may")
    def may(self, key: ApiKey) -> str:
        return ", ".join(dict(Scope.choices).get(scope, scope) for scope in key.scopes)

    @admin.display(description="state")
    def state(self, key: ApiKey) -> SafeString:
        if key.revoked_at:
            return label("revoked", "danger")
        if key.expires_at and key.expires_at <= timezone.now():
            return label("expired", "warning")
        return label("in use" if key.last_used_at else "not used yet", "success" if key.last_used_at else "")

    @admin.display(description="last used")
    def last_used(self, key: ApiKey) -> object:
        return when(key.last_used_at)
