"""All that is done to a draft before it may be published: check, compile, lint, and a trial with sample values."""

import msgspec

from templates_app.check import check, place
from templates_app.compile import CannotCompile, compile_parts
from templates_app.draft import JSON, RESERVED_SAMPLES, Draft, Parts
from templates_app.engine import Mail, Rendering
from templates_app.faults import Fault, RenderFailed
from templates_app.lint import lint


class Prepared(msgspec.Struct):
    """With faults, `content` is of no use. `renderings` lacks languages that need a variable without a sample value."""

    content: dict[str, Parts] = msgspec.field(default_factory=dict)
    faults: list[Fault] = msgspec.field(default_factory=list)
    warnings: list[Fault] = msgspec.field(default_factory=list)
    renderings: dict[str, Rendering] = msgspec.field(default_factory=dict)


def prepare(draft: Draft, samples: dict[str, JSON]) -> Prepared:
    """Pure, but may crash or never end (see compile.py): call it where the draft is trusted; else ask the workshop."""
    prepared = Prepared(faults=check(draft))
    if prepared.faults:
        return prepared
    for language in draft.languages:
        try:
            prepared.content[language] = compile_parts(draft, language)
        except CannotCompile as error:
            prepared.faults.append(Fault(place(language, "html"), str(error)))
        else:
            _try(prepared, language, RESERVED_SAMPLES | samples)
    prepared.warnings = lint(content=prepared.content)
    return prepared


def _try(prepared: Prepared, language: str, samples: dict[str, JSON]) -> None:
    mail = Mail(prepared.content[language])
    used = set().union(*(mail.names(part) for part in prepared.content[language]))
    if not used <= set(samples):
        return
    try:
        prepared.renderings[language] = mail.render(samples)
    except RenderFailed as error:
        prepared.faults.append(Fault(language or "default", f"With the sample values: {error}"))
