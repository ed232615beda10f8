"""An ESP's own words, made fit to be kept and shown."""

import json
import re

from automation.core.json import Json
from automation.core.text import storable

MAX_DETAIL = 300
# Of one code or text, what is looked at. Answers may be of any length.
MAX_WORD = 1_000

_ADDRESS = re.compile(r"[^\s<>\"'(){}\[\],;:]+@[^\s<>\"'(){}\[\],;:]*")


def word(value: Json) -> str:
    """A JSON value as text; empty for null."""
    match value:
        case None:
            return ""
        case str():
            return value[:MAX_WORD]
        case _:
            return json.dumps(value, ensure_ascii=False)[:MAX_WORD]


def scrub(text: str) -> str:
    """Without addresses, and not too long. Cut before looking for addresses, so that a long text takes no long time."""
    return storable(_ADDRESS.sub("…@…", text[: 3 * MAX_DETAIL]), limit=MAX_DETAIL)
