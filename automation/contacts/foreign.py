"""Contacts whose home is elsewhere, though they are kept here: since before the setting, or an operator put them."""

from collections.abc import Collection
from typing import Final

from django.conf import settings

from automation.contacts.models import Contact
from automation.core.residency import is_held_here

CODE: Final = "foreign_region"
MESSAGE: Final = "People in this region must not be kept here, but in their own deployment."


def foreign(external_ids: Collection[str]) -> set[str]:
    """Those of them. One statement; none while everybody is at home here."""
    if not settings.DEPLOYMENT_REGIONS or not external_ids:
        return set()
    known = Contact.objects.filter(external_id__in=external_ids).exclude(region="")
    return {key for key, region in known.values_list("external_id", "region") if not is_held_here(region)}
