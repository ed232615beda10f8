"""Routes: which mail goes through which ESP account, in the order in which they are asked."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from automation.admin.accounts import state
from automation.admin.base import PageAdmin
from automation.delivery.models import Route


class RouteForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    class Meta:
        model = Route
        fields = ["lane", "topic", "sender", "region", "account"]
        labels = {"account": "Goes through"}
        help_texts = {
            "topic": "Empty: any, and mail without one.",
            "sender": "Empty: any.",
            "account": "Set up the senders' domains at this ESP, too: if it refuses a sender, the account is paused.",
            "region": "Where the contact is, such as EU or US; US also means US-CA. Empty: anywhere.",
        }

    def clean_region(self) -> str:
        region: str = self.cleaned_data["region"]
        return region.upper()


@admin.register(Route)
class RouteAdmin(PageAdmin):
    form = RouteForm
    list_display = ["sentence", "account_state", "position"]
    list_select_related = ["topic", "sender", "account"]
    ordering_field = "position"
    hide_ordering_field = True
    list_before_template = "admin/automation/route/how.html"
    fieldsets = [
        ("Mail that is all of this", {"fields": ["lane", "topic", "sender", "region"]}),
        (None, {"fields": ["account"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Route]:
        return super().get_queryset(request).select_related("topic", "sender", "account")

    def save_model(self, request: HttpRequest, obj: Route, form: Any, change: bool) -> None:  # noqa: FBT001
        """A new route is asked last."""
        if not change:
            last = Route.objects.aggregate(last=Max("position"))["last"]
            obj.position = 0 if last is None else last + 1
        super().save_model(request, obj, form, change)

    @admin.display(description="route")
    def sentence(self, route: Route) -> str:
        return str(route)

    @admin.display(description="its account")
    def account_state(self, route: Route) -> SafeString:
        return state(route.account)
