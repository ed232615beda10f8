"""What our pages say, in every language that they speak: a file each, and mypy misses what one of them lacks.

A table in the repository and no gettext catalogue: it is fifty lines a language, and nothing must be compiled first.
"""

from collections.abc import Mapping
from typing import Final

from suppression.words import de, en, es, fr, pt
from suppression.words.base import Words as Words

WORDS: Final[Mapping[str, Words]] = {"en": en.WORDS, "de": de.WORDS, "es": es.WORDS, "fr": fr.WORDS, "pt": pt.WORDS}
LANGUAGES: Final = [(code, words.itself) for code, words in WORDS.items()]
DEFAULT: Final = "en"


def choose(accepted: str) -> str:
    """The language that a browser likes best of ours, by its Accept-Language (RFC 9110 §12.5.4). Pure."""
    wanted = []
    for position, one in enumerate(accepted[:500].split(",")):
        tag, _, weight = one.strip().lower().partition(";q=")
        wanted.append((-_weight(weight), position, tag.partition("-")[0]))
    return next((code for weight, _, code in sorted(wanted) if code in WORDS and weight < 0), DEFAULT)


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
