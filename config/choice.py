"""A setting that is one of a few words."""

from collections.abc import Collection

from django.core.exceptions import ImproperlyConfigured
from environ import Env


def choice(env: Env, variable: str, words: Collection[str], *, default: str) -> str:
    """What the environment says, in small letters. Raises ImproperlyConfigured if it is none of these words."""
    word = str(env.str(variable, default=default)).strip().lower()
    if word not in words:
        raise ImproperlyConfigured(f"{variable} is “{word}”. It must be one of: {', '.join(words)}.")
    return word
