"""Creating a contact, or changing what we know of one."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import transaction

from automation.contacts.models import Contact
from automation.contacts.signals import contacts_changed


class Upserted(NamedTuple):
    contact: Contact
    created: bool


@transaction.atomic
def upsert(*, external_id: str, changes: Mapping[str, Any]) -> Upserted:
    """Set the fields in `changes` (as `read_contact` returns them); the others stay as they are. Idempotent.

    Of callers that create the same contact at once, one does, and the others change it after that.
    """
    found = Contact.objects.select_for_update(no_key=True)  # No key, so that events of the contact need not wait.
    contact, created = found.get_or_create(external_id=external_id, defaults=changes)
    if not created:
        for name, value in changes.items():
            setattr(contact, name, value)
        contact.save(update_fields=[*changes, "updated_at"])
        contacts_changed.send(Contact, contact_ids=[contact.pk])
    return Upserted(contact, created)
