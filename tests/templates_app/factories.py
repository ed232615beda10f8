"""The smallest valid template. Its draft is compiled in this process, which is a hundred times faster."""

from itertools import count
from typing import Any

from templates_app.draft import Declared, Draft, Parts
from templates_app.drafts import draft_of
from templates_app.models import Template, TemplateVersion
from templates_app.prepare import prepare

_numbers = count(1)


def make_parts(**parts: str) -> Parts:
    smallest = {"subject": "Hello", "preheader": "", "html": "<p>Hello</p>", "text": ""}
    return Parts(**{**smallest, **parts})  # type: ignore[typeddict-item]


def make_declared(name: str, **fields: Any) -> Declared:
    given = {"path": f"event.payload.{name}", "missing": "skip", "default": "", **fields}
    return Declared(name=name, path=given["path"], missing=given["missing"], default=given["default"])


def make_draft(
    html: str = "<p>Hello</p>",
    *,
    names: str = "",
    blocks: dict[str, str] | None = None,
    mjml: bool = False,
    languages: dict[str, Parts] | None = None,
    **parts: str,
) -> Draft:
    """A draft in the default language, with a variable for each of the `names`."""
    return Draft(
        format="mjml" if mjml else "html",
        languages=languages or {"": make_parts(html=html, **parts)},
        blocks=blocks or {},
        variables=[make_declared(name) for name in names.split()],
    )


def make_template(*, names: str = "", languages: dict[str, dict[str, str]] | None = None, **parts: str) -> Template:
    """A draft, saved: one variant without a language, and those of `languages`, which say how they differ from it."""
    n = next(_numbers)
    template = Template.objects.create(key=f"template-{n}", name=f"Template {n}")
    for language, changed in {"": {}, **(languages or {})}.items():
        template.variants.create(language=language, **{**make_parts(**parts), **changed})
    for name in names.split():
        template.variables.create(name=name, path=f"event.payload.{name}")
    return template


def make_version(template: Template | None = None, **draft: Any) -> TemplateVersion:
    """What publishing the template would make of it."""
    template = template or make_template(**draft)
    source = draft_of(template)
    prepared = prepare(source, {})
    assert not prepared.faults, prepared.faults
    return template.versions.create(
        number=template.versions.count() + 1,
        content=prepared.content,
        variables=source.variables,
        source=source.as_json(),
        content_hash=source.content_hash(),
    )
