"""What a mail looks like with sample values: a draft, without publishing it, or a version."""

from collections.abc import Mapping
from dataclasses import dataclass

from templates_app.draft import DEFAULT_LANGUAGE, JSON, RESERVED_SAMPLES
from templates_app.drafts import draft_of, samples_of
from templates_app.engine import Rendering
from templates_app.faults import Fault, RenderFailed
from templates_app.languages import choose_language, closest
from templates_app.lint import lint
from templates_app.models import Template, TemplateVersion
from templates_app.render import render
from templates_app.workshop import prepare_apart


@dataclass(frozen=True, slots=True)
class Preview:
    """`rendering` is None when there are faults. `draft` names what was seen, for `publish`; empty for a version."""

    language: str
    rendering: Rendering | None
    faults: list[Fault]
    warnings: list[Fault]
    draft: str = ""
    is_live: bool = False


def preview(
    *, template: Template, language: str = DEFAULT_LANGUAGE, values: Mapping[str, JSON] | None = None
) -> Preview:
    """The draft in the closest of its languages, with `values` before the variables' samples. Writes nothing.

    Takes about 0.2 s in a child process, which is killed when the draft is too much for it.
    """
    draft = draft_of(template)
    prepared = prepare_apart(draft, samples_of(template) | dict(values or {}))
    language = closest(draft.languages, language)
    rendering = None if prepared.faults else prepared.renderings.get(language)
    faults = prepared.faults
    if rendering is None and not faults:
        faults = [Fault(language or "default", "Give every variable a sample value to see the mail.")]
    seen = draft.content_hash()
    is_live = template.live_version is not None and template.live_version.content_hash == seen
    return Preview(language, rendering, faults, prepared.warnings, seen, is_live)


def preview_version(*, version: TemplateVersion, language: str = DEFAULT_LANGUAGE) -> Preview:
    """A published version with the samples that its template has today."""
    language = choose_language(version, language)
    defaults = {variable["name"]: variable["default"] for variable in version.variables}
    values = RESERVED_SAMPLES | defaults | samples_of(version.template)
    warnings = lint(content=version.content)
    try:
        return Preview(language, render(version=version, language=language, values=values), [], warnings)
    except RenderFailed as error:
        return Preview(language, None, [Fault(language or "default", str(error))], warnings)
