"""ESP accounts and sender identities. Secrets stay in the environment: this page only says whether they are there."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from automation.admin.base import KeptAdmin, asking
from automation.admin.tables import Table, label, link, when
from automation.delivery.account_settings import AccountMisconfigured, account_settings
from automation.delivery.batch import why_not
from automation.delivery.models import EspAccount, Route, SenderIdentity
from automation.delivery.pause import pause_account
from automation.delivery.resume import resume_account

Status = EspAccount.Status


PACE = ["rate_limit", "burst", "concurrency", "batch_calls", "max_attempts", "backoff_ms"]
BRAKES = ["max_error_percent", "max_bounce_percent", "max_block_percent", "max_complaint_percent"]


class EspAccountForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    class Meta:
        model = EspAccount
        fields = ["key", "provider", "settings_env", "api_url", "region", *PACE, *BRAKES]
        labels = {
            "settings_env": "Settings variable",
            "api_url": "API address",
            "rate_limit": "Mails a second",
            "burst": "Mails at once",
            "concurrency": "Calls at once",
            "batch_calls": "Many mails in one call",
            "max_attempts": "Attempts",
            "backoff_ms": "First pause, in milliseconds",
            "max_error_percent": "Errors, in percent",
            "max_bounce_percent": "Hard bounces, in percent",
            "max_block_percent": "Blocks, in percent",
            "max_complaint_percent": "Complaints, in percent",
        }
        help_texts = {
            "rate_limit": "On average, over all workers.",
            "burst": "How many may go out at once after a quiet time.",
            "concurrency": "In one worker process.",
            "max_attempts": "After so many, and a day of trying, a message has failed.",
            "backoff_ms": "Between two attempts; it doubles each time.",
            **dict.fromkeys(BRAKES, "Of the last day's mail of one sending domain. More, and the account is paused."),
        }

    def clean_settings_env(self) -> str:
        name: str = self.cleaned_data["settings_env"]
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            raise forms.ValidationError("Write the name of a variable, such as ESP_MAIN, not its value.")
        return name

    def clean(self) -> None:
        super().clean()
        provider = self.cleaned_data.get("provider")
        if provider and self.cleaned_data.get("batch_calls") and (why := why_not(provider)):
            self.add_error("batch_calls", why)


class PauseForm(BaseDialogForm):
    reason = forms.CharField(
        max_length=200, widget=UnfoldAdminTextInputWidget, help_text="For those who come after you."
    )


@admin.register(EspAccount)
class EspAccountAdmin(KeptAdmin):
    form = EspAccountForm
    list_display = ["key", "provider", "status_shown", "pace", "secrets", "stopped"]
    search_fields = ["key"]
    actions_detail = ["pause", "resume"]

    def get_fieldsets(self, request: HttpRequest, obj: EspAccount | None = None) -> list[tuple[Any, Any]]:
        shown = ["status_shown", "stopped", "webhook_url"] if obj else []
        return [
            (None, {"fields": ["key", "provider", *shown]}),
            ("How to reach it", {"fields": ["settings_env", *(["secrets"] if obj else []), "api_url", "region"]}),
            ("Pace", {"fields": PACE}),
            ("Brakes", {"fields": BRAKES}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: EspAccount | None = None) -> list[str]:
        return ["key", "status_shown", "stopped", "webhook_url", "secrets"] if obj else []

    def tables(self, request: HttpRequest, obj: EspAccount) -> list[Table]:
        routes = Route.objects.filter(account=obj).select_related("topic", "sender", "account")
        return [
            Table(
                "Routes that lead here",
                ["Route"],
                [[link(route)] for route in routes],
                empty="None: it sends what its own senders send, as far as no route takes it elsewhere.",
            )
        ]

    def offered(self, obj: EspAccount) -> Collection[str]:
        if obj.status == Status.PAUSED:
            return ["resume"]
        return ["pause", "resume"] if obj.trips else ["pause"]

    @action(
        description="Pause",
        icon="pause",
        permissions=["change"],
        variant=ActionVariant.WARNING,
        dialog={
            **asking(
                "Pause this account?",
                "Its messages wait until you resume it, or go where routes lead. Nothing is lost.",
                "Pause",
            ),
            "form_class": PauseForm,
        },
    )
    def pause(self, request: HttpRequest, form: PauseForm, object_id: str) -> HttpResponseBase:
        account = self.find(request, object_id)
        reason = form.cleaned_data["reason"]
        if pause_account(account, reason=reason, by=request.user.get_username()):
            self.log_change(request, account, f"Paused: {reason}")
            self.message_user(request, "Paused.", messages.SUCCESS)
        else:
            self.message_user(request, "It was paused already.", messages.WARNING)
        return self.back_to(request, account)

    @action(
        description="Resume",
        icon="play_arrow",
        permissions=["change"],
        variant=ActionVariant.PRIMARY,
        dialog=asking(
            "Resume this account?", "Its queued messages go out, at its pace, and its breaker is closed.", "Resume"
        ),
    )
    def resume(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponseBase:
        account = self.find(request, object_id)
        if resume_account(account):
            self.log_change(request, account, "Resumed.")
            self.message_user(request, "Sending again.", messages.SUCCESS)
        else:
            self.message_user(request, "Nothing had stopped it.", messages.WARNING)
        return self.back_to(request, account)

    @admin.display(description="status", ordering="status")
    def status_shown(self, account: EspAccount) -> SafeString:
        return state(account)

    @admin.display(description="stopped")
    def stopped(self, account: EspAccount) -> SafeString | str:
        """Who or what stopped it, when and why."""
        return format_html_join(SafeString("<br>"), "{}", ([line] for line in _stops(account))) or "-"

    @admin.display(description="pace", ordering="rate_limit")
    def pace(self, account: EspAccount) -> str:
        return f"{account.rate_limit:g} a second"

    @admin.display(description="its settings")
    def secrets(self, account: EspAccount) -> SafeString:
        """Whether they are there, and the names in them. Never a value."""
        try:
            names = account_settings(account)
        except AccountMisconfigured as error:
            return format_html("{} {}", label("missing", "danger"), str(error).partition(": ")[2])
        return format_html("{} {}", label("found", "success"), ", ".join(sorted(set(names) - {"api_url"})))

    @admin.display(description="webhook address")
    def webhook_url(self, account: EspAccount) -> SafeString:
        return format_html(
            '<code class="select-all">{}{}</code><br>Enter it at the ESP, for all events.'
            " Where the ESP signs nothing but asks for user and password, they are the webhook_secret of the settings.",
            settings.PUBLIC_URL,
            reverse("webhook", args=[account.key]),
        )


@admin.register(SenderIdentity)
class SenderIdentityAdmin(KeptAdmin):
    list_display = ["key", "name", "email", "reply_to", "account"]
    list_select_related = ["account"]
    search_fields = ["key", "name", "email"]
    fieldsets = [
        (None, {"fields": ["key", "name", "email", "reply_to"]}),
        ("Behind it", {"fields": ["account", "postal_address"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: SenderIdentity | None = None) -> list[str]:
        return ["key"] if obj else []


def state(account: EspAccount) -> SafeString:
    """Whether it sends, in one word."""
    if account.status == Status.PAUSED:
        return label("paused", "warning")
    if not account.trips:
        return label("active", "success")
    return label("breaker open", "danger") if _is_open(account) else label("trying one message", "warning")


def _is_open(account: EspAccount) -> bool:
    return account.open_until is not None and account.open_until > timezone.now()


def _stops(account: EspAccount) -> Iterator[SafeString]:
    if account.status == Status.PAUSED:
        yield format_html(
            "Paused by {}, {}: {}", account.paused_by or "somebody", when(account.paused_at), account.paused_reason
        )
    if account.trips:
        then = "one message tries it {}" if _is_open(account) else "one message may try it since {}"
        yield format_html(
            "Its breaker has opened {} in a row; " + then + ". {}",
            "once" if account.trips == 1 else f"{account.trips} times",
            when(account.open_until),
            account.trip_reason,
        )
