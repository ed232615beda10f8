"""Templates: a row, its variants and variables, and the version that they are published as."""

from automation.core.json import JsonObject
from automation.management.configuration import shape
from automation.management.configuration.changes import Change
from automation.management.configuration.faults import Path
from automation.management.configuration.files import text_of
from automation.management.configuration.writer import Writer
from templates_app.draft import DEFAULT_LANGUAGE
from templates_app.faults import TemplateInvalid
from templates_app.models import Template, Variable, Variant, WhenMissing
from templates_app.publish import publish

# What the file calls the variant for everyone who has no better one.
DEFAULT = "default"


def write_template(writer: Writer, key: str, wanted: shape.Template) -> Change | None:
    path: Path = ("templates", key)
    fields = {"name": wanted.name, "description": wanted.description, "format": wanted.format}
    written = writer.write(Template, path, fields)
    variants = _variants(writer, wanted, path)
    if written is None or variants is None:
        return None
    template, change = written
    details = _write_parts(writer, template, wanted, variants, path)
    if details is None:
        return None
    before = template.live_version
    try:
        version = publish(template=template)
    except TemplateInvalid as error:
        for fault in error.faults:
            writer.faults.add(path, str(fault))
        return None
    if not change.is_new:
        change.details.extend(details)
    if version != before:
        change.details.append(f"published as version {version.number}")
    return change


def _write_parts(
    writer: Writer, template: Template, wanted: shape.Template, variants: dict[str, JsonObject], path: Path
) -> list[str] | None:
    changed_variants = writer.write_parts(
        Variant,
        {"template": template},
        "language",
        variants,
        label="variants",
        paths={language: (*path, "variants", language or DEFAULT) for language in variants},
    )
    changed_variables = writer.write_parts(
        Variable,
        {"template": template},
        "name",
        {name: _variable(variable) for name, variable in wanted.variables.items()},
        label="variables",
        paths={name: (*path, "variables", name) for name in wanted.variables},
    )
    if changed_variants is None or changed_variables is None:
        return None
    return changed_variants + changed_variables


def _variants(writer: Writer, wanted: shape.Template, path: Path) -> dict[str, JsonObject] | None:
    """The fields of each variant, by language. None, and faults, if a text cannot be had."""
    if DEFAULT not in wanted.variants:
        writer.faults.add((*path, "variants"), f"One must be called {DEFAULT}: for everyone who has no better one.")
        return None
    variants = {}
    for language, variant in wanted.variants.items():
        place = (*path, "variants", language)
        html, text = text_of(writer, variant, "html", place), text_of(writer, variant, "text", place)
        variants[DEFAULT_LANGUAGE if language == DEFAULT else language] = {
            "subject": variant.subject,
            "preheader": variant.preheader,
            "html": html,
            "text": text,
        }
    readable = all(None not in (fields["html"], fields["text"]) for fields in variants.values())
    return variants if readable else None


def _variable(wanted: shape.Variable) -> JsonObject:
    has_default = WhenMissing.SKIP if wanted.default is None else WhenMissing.DEFAULT
    return {
        "path": wanted.path,
        "missing": wanted.missing or has_default,
        "default": wanted.default,
        "sample": wanted.sample,
    }
