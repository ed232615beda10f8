"""Lists of others, taken in: uploaded here, worked off by the workers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from suppression.lists.export import Echo
from suppression.lists.formats import CHOICES, FORMATS
from suppression.lists.models import ListImport
from suppression.lists.take_in import UnreadableList, cut, faults_of


class ListImportForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    format = forms.ChoiceField(choices=CHOICES, widget=UnfoldAdminSelectWidget)
    file = forms.FileField(widget=UnfoldAdminFileFieldWidget, help_text="CSV in UTF-8; of Amazon SES also JSON.")

    class Meta:
        model = ListImport
        fields = ["name", "format", "topic", "file"]


@admin.register(ListImport)
class ListImportAdmin(ModelAdmin):
    """What a row was once it is taken in stands in the suppression list; here remains how many there were."""

    form = ListImportForm
    list_display = ["name", "what", "progress", "rows_read", "news", "rejected", "created_at"]
    list_select_related = ["topic"]
    actions_detail = ["faults"]
    readonly_fields = ["name", "what", "topic", "created_at", "progress", "rows_read", "news", "rejected", "failure"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ListImport]:
        return ListImport.objects.with_progress()

    def get_fields(self, request: HttpRequest, obj: ListImport | None = None) -> list[str]:
        return self.readonly_fields if obj else ListImportForm.Meta.fields

    def get_readonly_fields(self, request: HttpRequest, obj: ListImport | None = None) -> list[str]:
        return self.readonly_fields if obj else []

    def has_change_permission(self, request: HttpRequest, obj: ListImport | None = None) -> bool:
        return False

    def save_model(
        self,
        request: HttpRequest,
        obj: ListImport,
        form: Any,
        change: bool,  # noqa: FBT001  # Django's signature.
    ) -> None:
        obj.save()
        with io.TextIOWrapper(form.cleaned_data["file"], encoding="utf-8", newline="") as lines:
            try:
                cut(list_import=obj, lines=lines)
            except UnreadableList as error:
                self.message_user(request, f"Nothing was taken in. {error}", messages.ERROR)
            else:
                self.message_user(request, "The file is here. Workers take it in within a few seconds.")

    @action(description="Download what was not taken", icon="download", permissions=["view"])
    def faults(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        headers = {"Content-Disposition": f'attachment; filename="not-taken-{found.pk}.csv"'}
        return StreamingHttpResponse(_fault_lines(found), content_type="text/csv", headers=headers)

    @admin.display(description="format")
    def what(self, row: ListImport) -> str:
        return FORMATS[row.format].title if row.format in FORMATS else row.format

    @admin.display(description="progress")
    def progress(self, row: Any) -> object:
        if row.failure:
            return row.failure
        share = row.chunks_done / row.chunks if row.chunks else 1.0
        return format_html('<progress max="1" value="{}">{}</progress>', f"{share:.3f}", f"{share:.0%}")

    @admin.display(description="rows read")
    def rows_read(self, row: Any) -> str:
        return f"{row.rows_read:,}"

    @admin.display(description="new")
    def news(self, row: Any) -> str:
        return f"{row.news:,}"

    @admin.display(description="not taken")
    def rejected(self, row: Any) -> str:
        return f"{row.rejected:,}"


def _fault_lines(found: ListImport) -> Iterator[str]:
    """Numbers and reasons, and no address: whoever has the file finds the row."""
    writer: Any = csv.writer(Echo())
    yield writer.writerow(["row", "reason"])
    for fault in faults_of(found):
        yield writer.writerow(fault)
