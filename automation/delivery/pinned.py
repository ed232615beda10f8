"""Template versions by id. They never change, so each is read once in a process."""

from functools import lru_cache

from templates_app.models import TemplateVersion


@lru_cache(maxsize=512)
def template_version(version_id: int) -> TemplateVersion:
    """One statement the first time, none after that."""
    return TemplateVersion.objects.defer("source").get(pk=version_id)
