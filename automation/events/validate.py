"""Does a payload fit its event type? By JSON Schema (2020-12 unless the schema names another draft)."""

import json
from functools import lru_cache
from itertools import islice

from jsonschema_rs import ReferencingError, ValidationError, ValidationErrorKind, Validator, validator_for

from automation.core.faults import MAX_FAULTS, Fault, pointer_to
from automation.core.json import Json, JsonObject

# Schemas in use, each compiled once. Fewer than an installation has, and every batch compiles some anew (1 ms).
COMPILED = 1_000
MAX_MESSAGE = 500  # A message may quote the schema, such as the thousand values of an enum.


class SchemaInvalid(ValueError):
    """Events could not be checked against this. The message says why, for the one who wrote it."""


def check_schema(schema: Json) -> None:
    """Raise SchemaInvalid unless `schema`, as the admin or a file has it, can be an event type's."""
    _compiled(json.dumps(schema))


def payload_faults(payload: JsonObject, schema: str) -> list[Fault]:
    """What in `payload` does not fit `schema` (JSON text), as pointers into the event. Values are not repeated."""
    try:
        validator = _compiled(schema)
    except SchemaInvalid:
        message = "Events of this type cannot be checked: its schema is faulty. Have it mended in the admin."
        return [Fault("/event_type", "schema_invalid", message)]
    if validator.is_valid(payload):
        return []
    return [_fault(error) for error in islice(validator.iter_errors(payload), MAX_FAULTS)]


@lru_cache(COMPILED)  # By its text: a changed schema is another one, in every process at once.
def _compiled(schema: str) -> Validator:
    """Nothing is fetched: `$ref` leads within the schema. Formats are checked, since that is why they are written."""
    try:
        return validator_for(schema, validate_formats=True, offline=True, mask="The value")
    except (ValueError, ReferencingError) as error:
        raise SchemaInvalid(str(error)[:MAX_MESSAGE]) from error


def _fault(error: ValidationError) -> Fault:
    path = ["payload", *error.instance_path]
    match error.kind:
        case ValidationErrorKind.Required(property=name):
            return Fault(pointer_to([*path, name]), "missing", "This field is required.")
        case kind:
            return Fault(pointer_to(path), f"schema_{kind.name}", f"{error.message[:MAX_MESSAGE]}.")
