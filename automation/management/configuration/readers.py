"""Topics, rules of regions, the brand of our pages, and the mail that asks to confirm."""

from automation.core.json import JsonObject
from automation.delivery.ask_to_confirm import why_not
from automation.management.configuration import readers_shape as shape
from automation.management.configuration.changes import Change
from automation.management.configuration.faults import Path
from automation.management.configuration.templates import DEFAULT
from automation.management.configuration.writer import Writer
from automation.models import DoubleOptIn
from suppression.logo import LogoInvalid, embedded
from suppression.models import Brand, RegionRule, Topic, TopicTranslation
from suppression.regions import PRESETS

# Where the file has what the model calls otherwise.
_TOPIC: dict[str, Path] = {"is_public": ("on_preference_page",), "is_shared": ("shares_personal_data",)}
_BRAND: dict[str, Path] = {"logo": ("logo_file",)}


def write_topic(writer: Writer, key: str, wanted: shape.Topic) -> Change | None:
    path: Path = ("topics", key)
    fields = {
        "name": wanted.name,
        "description": wanted.description,
        "wording": wanted.wording,
        "requires_opt_in": wanted.requires_opt_in,
        "is_public": wanted.on_preference_page,
        "is_shared": wanted.shares_personal_data,
    }
    written = writer.write(Topic, path, fields, called=_TOPIC)
    if written is None:
        return None
    topic, change = written
    details = _write_translations(writer, topic, wanted, path)
    if details and not change.is_new:
        change.details.extend(details)
    return None if details is None else change


def _write_translations(writer: Writer, topic: Topic, wanted: shape.Topic, path: Path) -> list[str] | None:
    parts = {
        language: {"name": words.name, "description": words.description, "wording": words.wording}
        for language, words in wanted.translations.items()
    }
    paths: dict[str, Path] = {language: (*path, "translations", language) for language in parts}
    return writer.write_parts(TopicTranslation, {"topic": topic}, "language", parts, label="translations", paths=paths)


def write_regions(writer: Writer, wanted: shape.Regions) -> Change | None:
    """The file says all of them, if it says any: the first rule makes every region without one need an opt-in."""
    rules: dict[str, JsonObject] = {}
    paths: dict[str, Path] = {}
    for index, law in enumerate(wanted.presets):
        regions, opt_in = PRESETS[law]
        rules |= {region: {"opt_in": opt_in, "law": law.value} for region in regions}
        paths |= dict.fromkeys(regions, ("regions", "presets", index))
    for name, rule in wanted.rules.items():
        region = "" if name == DEFAULT else name
        rules[region] = {"opt_in": rule.opt_in, "law": rule.law}
        paths[region] = ("regions", "rules", name)
    is_new = not RegionRule.objects.exists()
    details = writer.write_parts(RegionRule, {}, "region", rules, label="rules", paths=paths)
    return None if details is None else Change("regions", is_new and bool(rules), details)


def write_brand(writer: Writer, wanted: shape.Brand) -> Change | None:
    """The file says all of it, if it says any."""
    logo = _logo(writer, wanted.logo_file) if wanted.logo_file else ""
    if logo is None:
        return None
    fields = {"name": wanted.name, "logo": logo, "accent": wanted.accent, "privacy_url": wanted.privacy_url}
    written = writer.write_row(Brand, {"id": 1}, "brand", ("brand",), fields, called=_BRAND)
    return written and written.change


def _logo(writer: Writer, name: str) -> str | None:
    place: Path = ("brand", "logo_file")
    try:
        return embedded(name, (writer.folder / name).read_bytes())
    except OSError as error:
        writer.faults.add(place, f"{name} cannot be read: {error.strerror}.")
    except LogoInvalid as error:
        writer.faults.add(place, str(error))
    return None


def write_double_opt_in(writer: Writer, wanted: shape.DoubleOptIn) -> Change | None:
    path: Path = ("double_opt_in",)
    template = writer.find("templates", wanted.template, (*path, "template"))
    sender = writer.find("senders", wanted.sender, (*path, "sender"))
    if template is None or sender is None:
        return None
    if why := why_not(template):
        writer.faults.add((*path, "template"), why)
        return None
    fields = {"template": template, "sender": sender}
    written = writer.write_row(DoubleOptIn, {"id": 1}, "double opt-in", path, fields)
    return written and written.change
