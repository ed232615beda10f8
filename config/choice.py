"""A setting that is one of a few words."""

from enum import StrEnum
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured
from environ import Env

Word = TypeVar("Word", bound=StrEnum)


def choice(env: Env, variable: str, *, default: Word) -> Word:
    """What the environment says, whatever its case: one of the words beside `default`. Raises ImproperlyConfigured."""
    said = str(env.str(variable, default=default)).strip().lower()
    try:
        return type(default)(said)
    except ValueError:
        words = ", ".join(type(default))
        raise ImproperlyConfigured(f"{variable} is “{said}”. It must be one of: {words}.") from None
