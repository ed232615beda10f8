"""Event types, ESP accounts, senders and blocks: a row each."""

import json
import re
from collections.abc import Iterator

from automation.delivery.account_settings import AccountMisconfigured, account_settings
from automation.delivery.batch import why_not
from automation.events.models import RESERVED_PREFIXES
from automation.events.validate import SchemaInvalid, check_schema, payload_faults
from automation.flows.schema import knows_path
from automation.management.configuration import shape
from automation.management.configuration.changes import Change
from automation.management.configuration.faults import Path
from automation.management.configuration.files import text_of
from automation.management.configuration.writer import Writer
from automation.models import EspAccount, EventType, SenderIdentity
from templates_app.models import Block

# A name and nothing else: whoever pastes the secret itself is told so, before it is stored.
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")


# Where the file has the columns of brakes.
BRAKES: dict[str, Path] = {
    "max_error_percent": ("brakes", "errors"),
    "max_bounce_percent": ("brakes", "hard_bounces"),
    "max_block_percent": ("brakes", "blocks"),
    "max_complaint_percent": ("brakes", "complaints"),
}


def brakes(wanted: shape.Brakes) -> dict[str, float | None]:
    """The columns of an account or a flow."""
    return {
        "max_error_percent": wanted.errors,
        "max_bounce_percent": wanted.hard_bounces,
        "max_block_percent": wanted.blocks,
        "max_complaint_percent": wanted.complaints,
    }


def write_event_type(writer: Writer, name: str, wanted: shape.EventType) -> Change | None:
    path = ("event_types", name)
    faults = list(_event_type_faults(name, wanted))
    for where, message in faults:
        writer.faults.add((*path, *where), message)
    fields = {
        "description": wanted.description,
        "schema": wanted.schema,
        "pii_paths": wanted.pii,
        "sample": wanted.sample,
    }
    written = None if faults else writer.write(EventType, path, fields, called={"pii_paths": ("pii",)})
    return written and written.change


def _event_type_faults(name: str, wanted: shape.EventType) -> Iterator[tuple[Path, str]]:
    if name.startswith(RESERVED_PREFIXES):
        yield (), f"Names that begin with {' or '.join(RESERVED_PREFIXES)} are Signalpost's own."
    try:
        check_schema(wanted.schema)
    except SchemaInvalid as error:
        yield ("schema",), f"Events could not be checked against this. {error}"
        return
    if wanted.sample:
        for pointer, _, message in payload_faults(wanted.sample, json.dumps(wanted.schema)):
            yield ("sample", *_path_of(pointer)[1:]), message
    event_type = EventType(name=name, schema=wanted.schema)
    for index, path in enumerate(wanted.pii):
        if not knows_path(event_type, f"event.payload.{path}"):
            yield ("pii", index), f"The schema has no {path}."


def _path_of(pointer: str) -> Path:
    """A JSON pointer as a path."""
    names = [name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:]]
    return tuple(int(name) if name.isdecimal() else name for name in names)


def write_esp_account(writer: Writer, key: str, wanted: shape.EspAccount) -> Change | None:
    path = ("esp_accounts", key)
    if not _VARIABLE.fullmatch(wanted.settings_env):
        message = "Expected the name of an environment variable, such as ESP_DEMO. Secrets have no place in this file."
        writer.faults.add((*path, "settings_env"), message)
        return None
    if wanted.batch_calls and (why := why_not(wanted.provider)):
        writer.faults.add((*path, "batch_calls"), why)
        return None
    fields = {
        "provider": wanted.provider,
        "settings_env": wanted.settings_env,
        "api_url": wanted.api_url,
        "region": wanted.region.upper(),
        "rate_limit": wanted.rate_limit,
        "burst": wanted.burst,
        "concurrency": wanted.concurrency,
        "batch_calls": wanted.batch_calls,
        "max_attempts": wanted.retry.max_attempts,
        "backoff_ms": wanted.retry.backoff_ms,
        **brakes(wanted.brakes),
    }
    retry = {name: ("retry", name) for name in ("max_attempts", "backoff_ms")}
    written = writer.write(EspAccount, path, fields, called=retry | BRAKES)
    if written is None:
        return None
    try:
        account_settings(written.row)
    except AccountMisconfigured as error:
        writer.notes.append(f"{error} The workers need it.")
    if written.row.status == EspAccount.Status.PAUSED:
        writer.notes.append(f"ESP account {key} is paused, and stays so: {written.row.paused_reason}")
    return written.change


def write_sender(writer: Writer, key: str, wanted: shape.Sender) -> Change | None:
    path = ("senders", key)
    account = writer.find("esp_accounts", wanted.account, (*path, "account"))
    if account is None:
        return None
    fields = {
        "name": wanted.name,
        "email": wanted.email,
        "reply_to": wanted.reply_to,
        "postal_address": wanted.postal_address,
        "account": account,
    }
    written = writer.write(SenderIdentity, path, fields)
    return written and written.change


def write_block(writer: Writer, key: str, wanted: shape.Block) -> Change | None:
    path = ("blocks", key)
    source = text_of(writer, wanted, "source", path)
    if source is None:
        return None
    written = writer.write(Block, path, {"name": wanted.name, "source": source})
    return written and written.change
