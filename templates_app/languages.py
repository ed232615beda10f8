"""Which of a version's languages somebody is mailed in."""

from collections.abc import Collection

from templates_app.draft import DEFAULT_LANGUAGE
from templates_app.models import TemplateVersion


def choose_language(version: TemplateVersion, language: str) -> str:
    """A key of `version.content`: the language itself, else a wider one (pt-BR → pt), else the default. Pure.

    Case does not matter, nor whether the parts are joined by `-` or `_`.
    """
    return closest(version.content, language)


def closest(languages: Collection[str], language: str) -> str:
    if language in languages:
        return language
    known = {name.lower(): name for name in languages}
    wanted = language.lower().replace("_", "-")
    while wanted:
        if wanted in known:
            return known[wanted]
        wanted = wanted.rpartition("-")[0]
    return DEFAULT_LANGUAGE
