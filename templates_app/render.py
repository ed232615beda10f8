"""Rendering one published version for one person: the only work that is done per mail."""

from collections.abc import Mapping
from functools import lru_cache

from templates_app.draft import JSON
from templates_app.engine import Mail, Rendering
from templates_app.languages import choose_language
from templates_app.models import TemplateVersion

# Versions never change, so a compiled one is good for as long as it is used. About 100 kB each; with fewer than are
# in use at once, every mail would pay for compiling its template (up to 5 ms).
COMPILED = 256


def render(*, version: TemplateVersion, language: str, values: Mapping[str, JSON]) -> Rendering:
    """The mail in the closest language that the version has. Pure: the same three give the same bytes, always.

    `values` are what `collect` picked, and the RESERVED ones. Raises RenderFailed when they do not fit the template,
    are not plain JSON, or would put a control character into a header: Anymail's JSON backends let those pass.
    """
    return _compiled(version, choose_language(version, language)).render(values)


@lru_cache(maxsize=COMPILED)
def _compiled(version: TemplateVersion, language: str) -> Mail:
    """Versions are equal, and so found here, when their ids are."""
    return Mail(version.content[language])
