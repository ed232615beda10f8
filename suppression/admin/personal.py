"""Who may see personal data in the admin, and what the others see instead. All apps' pages stand on this."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from unfold.admin import ModelAdmin


def sees_personal(request: HttpRequest) -> bool:
    """Named, not imported: the permission is the contacts', and this app knows none."""
    return request.user.has_perm("automation.view_personal")


class PersonalAdmin(ModelAdmin):
    """Pages without personal data for those who may not see it."""

    personal: Mapping[str, str | None]  # Columns and fields; instead of each the other shows, or nothing.
    personal_columns: Collection[str] = ()  # Of the table. To narrow a list by one would tell what is in it.

    def shown(self, request: HttpRequest, names: Sequence[Any]) -> list[Any]:
        """Those of `names` that this person may see."""
        if sees_personal(request):
            return list(names)
        instead = [self.personal.get(name, name) for name in names]
        return [name for name in dict.fromkeys(instead) if name]

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        return self.shown(request, super().get_list_display(request))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[str | None, dict[str, Any]]]:
        """A set of which nothing is left is left out, title and all."""
        sets = [
            (title, {**options, "fields": self.shown(request, options["fields"])})
            for title, options in super().get_fieldsets(request, obj)
        ]
        return [(title, options) for title, options in sets if options["fields"]]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        if lookup.split("__", maxsplit=1)[0] in self.personal_columns and not sees_personal(request):
            return False
        return super().lookup_allowed(lookup, value, request)

    def has_personal_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request) and sees_personal(request)
