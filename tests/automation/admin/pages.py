"""Using the admin's pages as a browser would."""

from typing import Any

from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.messages import get_messages
from django.db.models import Model
from django.forms import BaseForm, CheckboxSelectMultiple, MultiWidget
from django.test import Client
from django.urls import reverse


def url(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def save(client: Client, row: Model, **changes: Any) -> Any:
    """Open the page of `row`, change some of what it holds, and send it off. A name with a dash is an inline's."""
    address = url(type(row), "change", row.pk)
    return client.post(address, {**filled_in(client.get(address)), **changes})


def filled_in(page: Any) -> dict[str, Any]:
    """What a browser would send if nothing was touched."""
    formsets = [inline.formset for inline in page.context["inline_admin_formsets"]]
    forms = [
        page.context["adminform"].form,
        *(f.management_form for f in formsets),
        *(form for f in formsets for form in f),
    ]
    return {name: value for form in forms for name, value in _inputs(form)}


def _inputs(form: BaseForm) -> list[tuple[str, Any]]:
    inputs = []
    for bound in form:
        widget, value = bound.field.widget, bound.value()
        if isinstance(widget, RelatedFieldWidgetWrapper):
            widget = widget.widget
        if isinstance(widget, CheckboxSelectMultiple):
            inputs.append((bound.html_name, value or []))  # Of boxes, the ticked ones.
            continue
        parts = widget.decompress(value) if isinstance(widget, MultiWidget) else None
        pairs = (
            [(bound.html_name, value)]
            if parts is None
            else [(f"{bound.html_name}_{i}", p) for i, p in enumerate(parts)]
        )
        inputs += [(name, part if part is not None else "") for name, part in pairs]
    return inputs


def publish(client: Client, row: Model, **changes: Any) -> Any:
    """Save with “Save and publish”, and confirm what the next page shows without changing it."""
    response = save(client, row, _publish="Save and publish", **changes)
    confirming = client.get(response.url)
    return client.post(response.url, {"looked_at": confirming.context["form"]["looked_at"].value()})


def press(client: Client, row: Model, action: str, **fields: Any) -> Any:
    """Confirm the dialog of one of the buttons at the top of the page of `row`."""
    return client.post(url(type(row), action, row.pk), {"_form_submitted": "on", **fields})


def run(client: Client, model: type[Model], action: str, *rows: Model) -> Any:
    """Choose rows of the list and run an action on them."""
    return client.post(url(model, "changelist"), {"action": action, "_selected_action": [row.pk for row in rows]})


def said(response: Any) -> list[str]:
    """The messages that the next page will show."""
    return [str(message) for message in get_messages(response.wsgi_request)]
