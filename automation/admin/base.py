"""What the pages of the admin have in common: logs that are only read, actions that are asked back, long lists."""

from collections.abc import Collection
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.dataclasses import ActionDialog, UnfoldAction
from unfold.views import ChangeList

from automation.admin.tables import Table
from automation.contacts.models import Contact


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # Not subscriptable at run time.
    """For lists that may have millions of rows: counts no further than LIMIT, which is as far as one can page."""

    LIMIT = 10_000
    template_name = "admin/automation/pagination.html"

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # Django's ChangeList gives it one.
        return min(rows.order_by()[: self.LIMIT + 1].count(), self.LIMIT)

    @property
    def is_capped(self) -> bool:
        return self.count == self.LIMIT


class PageAdmin(ModelAdmin):
    """A model's pages, where an action is offered only while it makes sense."""

    list_filter_submit = True
    show_facets = ShowFacets.NEVER  # They count the whole table, once for each choice of each filter.
    warn_unsaved_form = True
    change_form_outer_after_template = "admin/automation/tables.html"

    def offered(self, obj: Any) -> Collection[str]:
        """Which of `actions_detail` make sense for `obj` as it is now."""
        return self._extract_action_names(self.actions_detail)

    def tables(self, obj: Any) -> list[Table]:
        """What the page of `obj` shows below its fields."""
        return []

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        context["tables"] = self.tables(obj) if obj else []
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

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
        """Answer a confirmed action with the page of `obj`. The dialogs are htmx's, which follows its own header."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_change"
        url = reverse(f"{self.admin_site.name}:{name}", args=[obj.pk])
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)


class KeptAdmin(PageAdmin):
    """Rows that events or messages may refer to, and so are not deleted here.

    The foreign keys would refuse, but only after Django had fetched every row that refers, which may be millions.
    """

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LogChangeList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """Unless something was searched for, what is shown is all: unfold need not offer to show all."""
        super().get_results(request)
        if not (self.query or self.has_active_filters):
            self.full_result_count = self.result_count


class LogAdmin(KeptAdmin):
    """What happened: to be read, searched by whole values, and perhaps replayed. Made for millions of rows."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    ordering = ["-pk"]
    search_fields = ["pk"]  # Only so that there is a search box; `matching` decides.
    only_if_set: Collection[str] = ()  # Fields that a page leaves out while there is nothing in them.

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[str | None, dict[str, Any]]]:
        def shown(name: str) -> bool:
            return name not in self.only_if_set or bool(getattr(obj, name, None))

        return [
            (title, {**options, "fields": [name for name in options["fields"] if shown(name)]})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LogChangeList

    def matching(self, term: str) -> Q:
        """Rows that a search for `term` finds, all by an index."""
        raise NotImplementedError

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip().replace("\0", "")
        return (queryset.filter(self.matching(term)) if term and self.search_fields else queryset), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_replay_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may change such rows, by Django's permissions, may have them tried again."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")


def contacts_named(term: str) -> list[int]:
    """Ids of the contacts with this id or email address. Fetched first, so that the logs' own indexes find the rest."""
    by_email = Q(email=term) & ~Q(email="")  # As the partial index says it.
    return list(Contact.objects.filter(Q(external_id=term) | by_email).values_list("pk", flat=True)[:100])


def uuid_of(term: str) -> UUID | None:
    try:
        return UUID(term)
    except ValueError:
        return None


def asking(title: str, description: str, button: str) -> ActionDialog:
    """An action that is asked back first. Without a dialog it would act on a mere GET."""
    return ActionDialog(title=title, description=description, form_class=None, form_submit_text=button)
