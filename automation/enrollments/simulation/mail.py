"""The mail that a send step would send, rendered as its template is live now."""

from datetime import datetime
from typing import NamedTuple

from automation.core.json import Facts
from automation.enrollments.simulation.case import Case
from automation.enrollments.simulation.outbox import Going
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
    going: Going | None = None  # When it would go out. None: it would not come so far.


def foretell(case: Case, step_key: str, template_id: int, facts: Facts, at: datetime) -> Mail:
    """One statement. What is withheld anyway takes no room from a cap."""
    mail = _made(case.flow, template_id, facts)
    trouble = mail.trouble or ("" if case.address.good else case.address.said)
    if trouble:
        return mail._replace(trouble=trouble)
    going = case.outbox.put(step_key, facts["contact"]["time_zone"], at)
    return mail._replace(going=going, trouble=going.given_up)


def _made(flow: Flow, template_id: int, facts: Facts) -> Mail:
    """Links in it are samples, and unsubscribe nobody."""
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
    return mail._replace(rendering=rendering)
