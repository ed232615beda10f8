"""A logo as a data URL: our pages load nothing from elsewhere, so that nobody learns who opened them."""

import base64
from typing import Final

# It is part of each page, so a reader loads it each time.
MAX_BYTES: Final = 100 * 1024
# By the ending of a file's name. No SVG: it may hold scripts.
TYPES: Final = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}


class LogoInvalid(ValueError):
    """It cannot be shown to readers. The message is for whoever chose it."""


def embedded(name: str, content: bytes) -> str:
    """The data URL of a file. Pure. Raises LogoInvalid."""
    kind = TYPES.get(name.rpartition(".")[2].lower())
    if kind is None:
        raise LogoInvalid(f"A logo is one of {', '.join(TYPES)}.")
    if len(content) > MAX_BYTES:
        raise LogoInvalid(f"This is larger than {MAX_BYTES // 1024} KB.")
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
