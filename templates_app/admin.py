"""Templates in the admin: drafts are edited as rows, looked at, and published; versions are read."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from templates_app.draft import DEFAULT_LANGUAGE
from templates_app.faults import TemplateInvalid
from templates_app.fields import LooseJSONField
from templates_app.lint import lint
from templates_app.models import Block, Template, TemplateVersion, Variable, Variant
from templates_app.preview import Preview, preview, preview_version
from templates_app.publish import publish

_CODE = {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 24, "class": "font-mono", "spellcheck": "false"})}
_HEAVY = ("content", "source", "variables")


class VariantForm(forms.ModelForm):  # type: ignore[type-arg]  # Cannot be subscripted at run time.
    class Meta:
        model = Variant
        fields = ["language", "subject", "preheader", "html", "text"]
        widgets = {
            "subject": UnfoldAdminTextInputWidget(attrs={"class": "max-w-4xl"}),
            "preheader": UnfoldAdminTextInputWidget(attrs={"class": "max-w-4xl"}),
            "html": _CODE["widget"],
            "text": UnfoldAdminTextareaWidget(attrs={"rows": 8, "class": "font-mono"}),
        }


class VariantInline(StackedInline):
    model = Variant
    form = VariantForm
    extra = 0
    min_num = 1
    tab = True


class VariableForm(forms.ModelForm):  # type: ignore[type-arg]  # The same.
    class Meta:
        model = Variable
        fields = ["name", "path", "missing", "default", "sample"]
        field_classes = {"default": LooseJSONField, "sample": LooseJSONField}
        widgets = {"default": UnfoldAdminTextInputWidget, "sample": UnfoldAdminTextInputWidget}


class VariableInline(TabularInline):
    model = Variable
    form = VariableForm
    extra = 0
    tab = True


class ReadOnly:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class VersionInline(ReadOnly, TabularInline):
    model = TemplateVersion
    fk_name = "template"
    verbose_name_plural = "published versions"
    fields = readonly_fields = ("number", "published_at", "published_by")
    show_change_link = True
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[TemplateVersion]:
        return super().get_queryset(request).defer(*_HEAVY)


@admin.register(Template)
class TemplateAdmin(ModelAdmin):
    list_display = ["name", "key", "format", "live", "updated_at"]
    list_filter = ["format"]
    search_fields = ["name", "key", "description"]
    fields = ["name", "key", "description", "format"]
    inlines = [VariantInline, VariableInline, VersionInline]
    actions_detail = ["preview_and_publish"]
    warn_unsaved_form = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Template]:
        heavy = [f"live_version__{field}" for field in _HEAVY]
        return super().get_queryset(request).select_related("live_version").defer(*heavy)

    def get_readonly_fields(self, request: HttpRequest, obj: Template | None = None) -> list[str]:
        return ["key"] if obj else []  # Configuration files name it.

    def get_prepopulated_fields(self, request: HttpRequest, obj: Template | None = None) -> dict[str, list[str]]:
        return {} if obj else {"key": ["name"]}

    @admin.display(description="live version")
    def live(self, template: Template) -> str:
        return f"v{template.live_version.number}" if template.live_version else "not published"

    @action(description="Preview and publish", url_path="preview", permissions=["view"], icon="visibility")
    def preview_and_publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET shows the draft as it was saved; POST publishes it, if it is still the draft that was shown."""
        template = self.get_object(request, object_id)
        if template is None:
            raise Http404
        may_publish = self.has_change_permission(request, template)
        if request.method == "POST":
            if not may_publish:
                raise PermissionDenied
            return self._publish(request, template)
        language = request.GET.get("language", DEFAULT_LANGUAGE)
        mail = preview(template=template, language=language)
        languages = template.variants.values_list("language", flat=True)
        return _page(self, request, template, mail, {"languages": languages, "may_publish": may_publish})

    def _publish(self, request: HttpRequest, template: Template) -> HttpResponse:
        try:
            version = publish(template=template, by=cast("User", request.user), seen=request.POST.get("draft", ""))
        except TemplateInvalid as error:
            for fault in error.faults:
                messages.error(request, str(fault))
            return HttpResponseRedirect(request.get_full_path())
        messages.success(request, f"“{template}” is live as version {version.number}.")
        for warning in lint(content=version.content):
            messages.warning(request, str(warning))
        return HttpResponseRedirect(reverse("admin:templates_app_template_change", args=[template.pk]))


@admin.register(TemplateVersion)
class TemplateVersionAdmin(ReadOnly, ModelAdmin):
    list_display = ["template", "number", "published_at", "published_by"]
    list_select_related = ["template", "published_by"]
    list_filter = [("template", admin.RelatedOnlyFieldListFilter)]
    fields = ["template", "number", "published_at", "published_by", "content_hash"]
    actions_detail = ["show"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TemplateVersion]:
        return super().get_queryset(request).defer(*_HEAVY)

    @action(description="Show", url_path="preview", permissions=["view"], icon="visibility")
    def show(self, request: HttpRequest, object_id: str) -> HttpResponse:
        version = self.get_object(request, object_id)
        if version is None:
            raise Http404
        language = request.GET.get("language", DEFAULT_LANGUAGE)
        mail = preview_version(version=version, language=language)
        return _page(self, request, version, mail, {"languages": sorted(version.content)})


@admin.register(Block)
class BlockAdmin(ModelAdmin):
    list_display = ["name", "key"]
    search_fields = ["name", "key"]
    formfield_overrides = {models.TextField: _CODE}

    def get_readonly_fields(self, request: HttpRequest, obj: Block | None = None) -> list[str]:
        return ["key"] if obj else []  # Templates name it.

    def get_prepopulated_fields(self, request: HttpRequest, obj: Block | None = None) -> dict[str, list[str]]:
        return {} if obj else {"key": ["name"]}


def _page(
    model_admin: ModelAdmin,
    request: HttpRequest,
    shown: Template | TemplateVersion,
    mail: Preview,
    context: dict[str, Any],
) -> HttpResponse:
    opts = model_admin.opts
    context |= {
        **model_admin.admin_site.each_context(request),
        "title": f"Preview: {shown}",
        "shown": shown,
        "opts": opts,
        "back": reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[shown.pk]),
        "preview": mail,
    }
    return TemplateResponse(request, "templates_app/preview.html", context)
