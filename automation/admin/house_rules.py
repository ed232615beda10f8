"""House rules: one page for what holds for all flows."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from automation.admin.base import PageAdmin
from automation.flows.house_rules import HouseRules


class HouseRulesForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    class Meta:
        model = HouseRules
        fields = ["quiet_from", "quiet_until", "time_zone", "holdout_percent", "holdout_since"]
        labels = {
            "quiet_from": "From",
            "quiet_until": "Until",
            "time_zone": "Time zone, if a contact's is not known",
            "holdout_percent": "Held out of everything, in percent",
            "holdout_since": "Since",
        }
        help_texts = {
            "quiet_from": "Such as 22:00. Both empty: no quiet hours.",
            "quiet_until": "Such as 8:00, on the next morning.",
            "time_zone": "Such as Europe/Lisbon, unless the flow has one of its own. Empty: UTC.",
            "holdout_percent": "Of all contacts, the same in every flow. They get no marketing mail at all.",
            "holdout_since": "Whoever entered a flow before stays in it. Empty: at once.",
        }


@admin.register(HouseRules)
class HouseRulesAdmin(PageAdmin):
    form = HouseRulesForm
    fieldsets = [
        (
            "Quiet hours",
            {
                "fields": [("quiet_from", "quiet_until"), "time_zone"],
                "description": "By the clock of each contact, no mail goes out in these hours. It waits until they are"
                " over. Transactional mail goes at any time, unless its flow says that it keeps them, too.",
            },
        ),
        ("Comparison", {"fields": ["holdout_percent", "holdout_since"]}),
    ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["show_save_and_add_another"] = False
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one row at most, so its page stands for the list."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}"
        row = HouseRules.objects.first()
        return HttpResponseRedirect(reverse(f"{name}_change", args=[row.pk]) if row else reverse(f"{name}_add"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not HouseRules.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: HouseRules | None = None) -> bool:
        return False
