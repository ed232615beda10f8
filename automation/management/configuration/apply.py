"""Apply a configuration file: make the rows say what it says, and publish."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, QuerySet

from automation.delivery.models import Route, WarmupPlan
from automation.events.models import RESERVED_PREFIXES
from automation.management.configuration.calendar import write_cap, write_house_rules
from automation.management.configuration.changes import Change, Report
from automation.management.configuration.faults import Faults
from automation.management.configuration.flows import write_flow
from automation.management.configuration.kinds import (
    write_block,
    write_esp_account,
    write_event_type,
    write_sender,
)
from automation.management.configuration.read import read_configuration
from automation.management.configuration.readers import (
    write_brand,
    write_double_opt_in,
    write_regions,
    write_topic,
)
from automation.management.configuration.routes import write_routes
from automation.management.configuration.segments import write_segment
from automation.management.configuration.shape import Configuration
from automation.management.configuration.source import read_yaml
from automation.management.configuration.templates import write_template
from automation.management.configuration.warmups import write_warmups
from automation.management.configuration.writer import SECTIONS, Writer
from suppression.models import RegionRule

# In this order: whatever refers to something comes after it.
WRITERS: dict[str, Callable[[Writer, str, Any], Change | None]] = {
    "event_types": write_event_type,
    "topics": write_topic,
    "esp_accounts": write_esp_account,
    "senders": write_sender,
    "blocks": write_block,
    "templates": write_template,
    "segments": write_segment,
    "flows": write_flow,
    "frequency_caps": write_cap,
}
# Of these the file says all or nothing.
WHOLE: dict[str, Callable[[Writer, Any], Change | None]] = {
    "routes": write_routes,
    "house_rules": write_house_rules,
    "regions": write_regions,
    "brand": write_brand,
    "double_opt_in": write_double_opt_in,
}


def apply(*, file: Path, dry_run: bool = False) -> Report:
    """Bring what `file` names to what it says of it, all in one transaction, and tell what that changed.

    Idempotent: a second time changes nothing and makes no versions. What the file does not name stays as it is, but
    parts of what it names (variants, variables, steps) follow it wholly. `dry_run` does the same and rolls back.
    Raises ConfigurationInvalid with every fault found, and then nothing was changed: first faults of the file's
    shape, and if there are none, those of what it says. Compiling takes 0.2 s for each template that changed, within
    the transaction.
    """
    faults = Faults()
    configuration = _load(file, faults)
    writer = Writer(folder=file.parent, faults=faults)
    with transaction.atomic():
        _wait_for_others()
        changes = _write(writer, configuration)
        writer.faults.raise_if_any()
        notes = [*writer.notes, *_left_alone(configuration)]
        transaction.set_rollback(dry_run)
    return Report(changes, notes)


def _load(file: Path, faults: Faults) -> Configuration:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        faults.add((), f"{file} cannot be read: {error.strerror}.")
    except UnicodeDecodeError as error:
        faults.add((), f"This is not UTF-8, from byte {error.start} on.")
    else:
        value = read_yaml(text, faults)
        faults.raise_if_any()  # What was not understood would come up again as missing.
        configuration = read_configuration(value, faults)
    faults.raise_if_any()
    return configuration


def _wait_for_others() -> None:
    """Two at once would stumble over each other's new rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('signalpost.apply'))")


def _write(writer: Writer, configuration: Configuration) -> list[Change]:
    changes = []
    for section, write in WRITERS.items():
        for key, wanted in getattr(configuration, section).items():
            if change := write(writer, key, wanted):
                changes.append(change)
            else:
                writer.faulty.add((section, key))
    for account, plans in configuration.warmups.items():
        changes += write_warmups(writer, account, plans)
    for section, write_all in WHOLE.items():
        wanted = getattr(configuration, section)
        if wanted is not None and (change := write_all(writer, wanted)):
            changes.append(change)
    return changes


def _left_alone(configuration: Configuration) -> list[str]:
    counts = [f"{count} {what}{'s' if count > 1 else ''}" for count, what in _others(configuration) if count]
    return [f"Not in this file, and left as they are: {', '.join(counts)}."] if counts else []


def _others(configuration: Configuration) -> Iterator[tuple[int, str]]:
    """How many rows of each kind the file does not name."""
    for section, (model, identity, singular) in SECTIONS.items():
        rows: QuerySet[Model] = QuerySet(model)
        others = rows.exclude(**{f"{identity}__in": list(getattr(configuration, section))})
        for prefix in RESERVED_PREFIXES:
            others = others.exclude(**{f"{identity}__startswith": prefix})
        yield others.count(), singular
    if configuration.routes is None:
        yield Route.objects.count(), "route"
    if configuration.regions is None:
        yield RegionRule.objects.count(), "region rule"
    named = {(account, domain) for account, plans in configuration.warmups.items() for domain in plans}
    yield len(set(WarmupPlan.objects.values_list("account__key", "domain")) - named), "warm-up plan"
