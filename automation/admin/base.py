"""What the pages of the admin have in common: tables below the fields, and actions that are asked back first."""

from collections.abc import Collection
from typing import Any

from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.dataclasses import ActionDialog, UnfoldAction

from automation.admin.tables import Table


class PageAdmin(ModelAdmin):
    """A model's pages, where an action is offered only while it makes sense."""

    list_filter_submit = True
    show_facets = ShowFacets.NEVER  # They count the whole table, once for each choice of each filter.
    warn_unsaved_form = True
    change_form_outer_after_template = "admin/automation/tables.html"

    def offered(self, obj: Any) -> Collection[str]:
        """Which of `actions_detail` make sense for `obj` as it is now."""
        return self._extract_action_names(self.actions_detail)

    def tables(self, request: HttpRequest, obj: Any) -> list[Table]:
        """What the page of `obj` shows below its fields."""
        return []

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        context["tables"] = self.tables(request, obj) if obj else []
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def save_model(
        self,
        request: HttpRequest,
        obj: Any,
        form: Any,
        change: bool,  # noqa: FBT001  # Django's signature.
    ) -> None:
        """Writes what was changed on the page and nothing else: meanwhile the engine may have paused or stamped it."""
        if change:
            stamps = {"updated_at"} & {field.name for field in self.opts.fields}
            obj.save(update_fields={*form.changed_data, *stamps})
        else:
            obj.save()

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[UnfoldAction]:
        obj = self.get_object(request, unquote(str(object_id)))
        names = self.offered(obj) if obj else ()
        return [one for one in super().get_actions_detail(request, object_id) if one.method.__name__ in names]

    def find(self, request: HttpRequest, object_id: str) -> Any:
        """The object that an action is about. Raises Http404."""
        if obj := self.get_object(request, unquote(object_id)):
            return obj
        raise Http404

    def back_to(self, request: HttpRequest, obj: Model) -> HttpResponseBase:
        """Answer a confirmed action with the page of `obj`."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_change"
        return go_to(request, reverse(f"{self.admin_site.name}:{name}", args=[obj.pk]))


class KeptAdmin(PageAdmin):
    """Rows that events or messages may refer to, and so are not deleted here.

    The foreign keys would refuse, but only after Django had fetched every row that refers, which may be millions.
    """

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def go_to(request: HttpRequest, url: str) -> HttpResponseBase:
    """Answer an action with another page. The dialogs are htmx's, which follows its own header."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def asking(title: str, description: str, button: str) -> ActionDialog:
    """An action that is asked back first. Without a dialog it would act on a mere GET."""
    return ActionDialog(title=title, description=description, form_class=None, form_submit_text=button)
