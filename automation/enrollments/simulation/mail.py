"""The mail that a send step would send, rendered as its template is live now."""

import json
from datetime import datetime
from typing import NamedTuple

from automation.core.json import Facts
from automation.delivery.hours import Later, hours_of
from automation.flows import send_when
from automation.flows.models import Flow
from templates_app.draft import RESERVED_SAMPLES
from templates_app.engine import Rendering
from templates_app.faults import RenderFailed
from templates_app.languages import choose_language
from templates_app.models import Template
from templates_app.render import render
from templates_app.values import Missing, collect


class Mail(NamedTuple):
    template: str
    language: str  # Of the variant; empty: the default.
    to: str
    rendering: Rendering | None = None  # None: it cannot be made.
    trouble: str = ""  # Why it would be withheld: a code, then words, as `Message.reason`.
    later: Later | None = None  # When hours would let it go, if not at once.


def foretell(flow: Flow, template_id: int, facts: Facts, *, house: str | None, at: datetime) -> Mail:
    """`house`: what the house rules say of hours (delivery/hours.py). Links in it are samples, and unsubscribe nobody.

    One statement.
    """
    template = Template.objects.select_related("live_version").get(pk=template_id)
    version, contact = template.live_version, facts["contact"]
    assert version is not None  # noqa: S101  # Else the step has a fault, and nobody comes so far.
    mail = Mail(template.name, choose_language(version, contact["language"]), contact["email"])
    values = collect(variables=version.variables, facts=facts)
    if isinstance(values, Missing):
        return mail._replace(trouble=f"missing_value: {values.name}")
    reserved = {**RESERVED_SAMPLES, "postal_address": flow.sender.postal_address}
    try:
        rendering = render(version=version, language=mail.language, values={**values, **reserved})
    except RenderFailed as error:
        return mail._replace(trouble=f"cannot_be_built: {error}")
    return mail._replace(rendering=rendering, later=_later(flow, contact["time_zone"], house, at))


def _later(flow: Flow, time_zone: str, house: str | None, at: datetime) -> Later | None:
    asked = send_when.to_json(flow)
    hours = hours_of(json.dumps(asked) if asked else None, house, flow.lane)
    return hours.ask(time_zone, at) if hours else None
