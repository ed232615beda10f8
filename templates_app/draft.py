"""What a template is before it is published, as plain values: what crosses into the child process that compiles it.

No Django here, nor in anything that the child imports: it must start fast and hold no secrets.
"""

import hashlib
from typing import Any, TypedDict

import msgspec

JSON = Any  # What a value may be; checked where it is sealed for the engine, not by the type checker.

# Every template may use these without declaring them; whoever renders puts them among the values.
RESERVED_SAMPLES: dict[str, JSON] = {
    "unsubscribe_url": "https://example.com/unsubscribe",
    "preferences_url": "https://example.com/preferences",
    "postal_address": "Example Ltd, 1 High Street, Exampletown",
    "message_id": "0193f5a0-0000-7000-8000-000000000000",
}
RESERVED = frozenset(RESERVED_SAMPLES)

# The key of the variant that is mailed to whoever has no better one.
DEFAULT_LANGUAGE = ""


class Parts(TypedDict):
    """One language's four templates. In a draft `text` may be empty: publishing makes it from the HTML."""

    subject: str
    preheader: str
    html: str
    text: str


class Declared(TypedDict):
    """A declared variable as a version stores it. `missing` is default, skip or refuse (see models.WhenMissing)."""

    name: str
    path: str
    missing: str
    default: JSON


class Draft(msgspec.Struct, frozen=True):
    """All that publishing reads. Two drafts with the same `content_hash` publish to the same mail."""

    format: str  # Of models.Format.
    languages: dict[str, Parts]
    blocks: dict[str, str]  # Only those that are included, however deep.
    variables: list[Declared]

    def as_json(self) -> dict[str, JSON]:
        return dict(msgspec.to_builtins(self))

    def content_hash(self) -> str:
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()
