"""The suppression list, to search, add to and lift from; and the consent ledger, to read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from unfold.decorators import action
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminTextInputWidget

from suppression.address import InvalidAddress, canonical, canonical_domain, hash_address, hash_domain, own_hashes
from suppression.admin.personal import PersonalAdmin
from suppression.lists.export import export
from suppression.models import Consent, Reason, Scope, Suppression
from suppression.suppress import Entry, suppress_many


class ByAddress(PersonalAdmin):
    """Rows that know an address only by its hash: found by a whole address or not at all, and never edited."""

    list_select_related = ["topic"]
    # Neither counts the rows, which may be millions.
    paginator = InfinitePaginator
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    list_disable_select_all = True
    search_fields = ["address_hash"]  # Only so that there is a search box.
    search_help_text = "A whole email address, or @ and a domain."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        try:
            return queryset.filter(address_hash__in=_hashes(search_term.strip())), False
        except InvalidAddress as error:
            self.message_user(request, f"This cannot be searched for. {error}", "warning")
            return queryset.none(), False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="address hash")
    def full_hash(self, row: Suppression | Consent) -> str:
        return row.address_hash.hex()

    @admin.display(description="address hash")
    def short_hash(self, row: Suppression | Consent) -> str:
        return self.full_hash(row)[:12]


def _hashes(typed: str) -> list[bytes]:
    """Under whatever key or spelling something may stand."""
    return [hash_domain(typed)] if typed.startswith("@") else own_hashes(typed)


class SuppressionForm(forms.ModelForm):  # type: ignore[type-arg]  # Not subscriptable at run time.
    typed = forms.CharField(
        label="Address",
        widget=UnfoldAdminTextInputWidget,
        help_text="Or @ and a domain, for all its addresses. Of an address only the hash is stored, unless the "
        "settings say otherwise.",
    )

    class Meta:
        model = Suppression
        fields = ["typed", "scope", "topic", "reason", "expires_at", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"scope": Scope.ALL, "reason": Reason.MANUAL, **self.initial}

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        is_domain = typed.startswith("@")
        try:
            self.instance.address_hash = hash_domain(typed) if is_domain else hash_address(typed)
            return f"@{canonical_domain(typed)}" if is_domain else canonical(typed)
        except InvalidAddress as error:
            raise forms.ValidationError(str(error), code=error.reason) from error

    def clean(self) -> None:
        super().clean()
        if not self.errors and Suppression.objects.filter(**self.key()).standing(timezone.now()).exists():
            raise forms.ValidationError("This address is suppressed already, for this reason and as widely.")

    def key(self) -> dict[str, Any]:
        chosen = {name: self.cleaned_data[name] for name in ("scope", "topic", "reason")}
        return {"address_hash": self.instance.address_hash, **chosen}


@admin.register(Suppression)
class SuppressionAdmin(ByAddress):
    """To delete a row is to lift it: the address may be mailed again, unless another row says no."""

    form = SuppressionForm
    personal = {"who": "short_hash", "note": None, "evidence": None}
    personal_columns = ["address", "note", "evidence"]
    actions_list = ["download"]
    list_display = ["who", "reason", "scope", "topic", "source", "created_at", "expires_at"]
    list_filter = ["reason", "scope", "topic"]

    def get_fields(self, request: HttpRequest, obj: Suppression | None = None) -> list[str]:
        if obj is None:
            return SuppressionForm.Meta.fields
        return ["full_hash", *self.list_display[1:], "evidence", "note"]

    def get_readonly_fields(self, request: HttpRequest, obj: Suppression | None = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    @action(description="Download as CSV", icon="download", permissions=["personal"])
    def download(self, request: HttpRequest) -> StreamingHttpResponse:
        headers = {"Content-Disposition": 'attachment; filename="suppressions.csv"'}
        return StreamingHttpResponse(export(Suppression.objects.all()), content_type="text/csv", headers=headers)

    @admin.display(description="address")
    def who(self, row: Suppression) -> str:
        return row.address or self.short_hash(row)

    def save_model(
        self,
        request: HttpRequest,
        obj: Suppression,
        form: SuppressionForm,
        change: bool,  # noqa: FBT001  # Django's signature.
    ) -> None:
        entry = Entry(
            address_hash=bytes(obj.address_hash),
            reason=Reason(obj.reason),
            scope=Scope(obj.scope),
            topic_id=obj.topic_id,
            source=f"admin: {request.user.get_username()}",
            note=obj.note,
            expires_at=obj.expires_at,
            address=form.cleaned_data["typed"],
        )
        suppress_many([entry], at=timezone.now())
        obj.pk = Suppression.objects.get(**form.key()).pk  # Perhaps somebody else's, written a moment before.


@admin.register(Consent)
class ConsentAdmin(ByAddress):
    list_display = ["short_hash", "decision", "topic", "source", "at"]
    list_filter = ["decision", "topic"]
    fields = ["full_hash", *list_display[1:], "purpose", "wording_version", "ip", "user_agent", "proof"]
    readonly_fields = fields
    personal = {"ip": None, "user_agent": None, "proof": None}
    personal_columns = ["ip", "user_agent", "proof"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Consent | None = None) -> bool:
        return False
