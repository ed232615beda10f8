"""Tables below a page's form: what else is known about this row, with links to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from automation.admin import words

# How many rows a table shows at most; the newest.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[object]]
    empty: str  # Said in its place when there are no rows.
    note: str = ""

    @property
    def context(self) -> dict[str, object]:
        """As unfold's table component wants it."""
        return {"headers": self.headers, "rows": self.rows}


def link(obj: Model | None, text: object = None) -> SafeString | str:
    """To the page of `obj`. Nothing to link to: a dash."""
    return link_to(type(obj), obj.pk, obj if text is None else text) if obj else "-"


def link_to(model: type[Model], pk: Any, text: object) -> SafeString:
    """Without having fetched the row, which retention may have deleted meanwhile."""
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])
    return format_html('<a class="text-link" href="{}">{}</a>', url, text)


def when(at: Any) -> SafeString | str:
    """How long ago or in how long; the exact time shows when pointed at."""
    if at is None:
        return "-"
    exact = f"{at:%Y-%m-%d %H:%M:%S} UTC"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, words.distance(at, timezone.now())
    )


def label(text: object, colour: str = "") -> SafeString:
    """A small label. Colours: success, info, warning, danger, primary, or none."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "variant": colour})
