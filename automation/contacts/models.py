"""Who can be mailed."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models


class ContactQuerySet(models.QuerySet["Contact"]):
    def lock(self, ids: Iterable[int]) -> dict[int, Contact]:
        """Contacts by id, locked until the transaction ends. Always in the order of ids: no two callers deadlock."""
        return {contact.pk: contact for contact in self.raw(_LOCK, [list(set(ids))])}


_LOCK = "SELECT * FROM automation_contact WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE"


class Contact(models.Model):
    """A person known to the backend services by `external_id`. Attributes are whatever those services tell us."""

    external_id = models.CharField(max_length=200, help_text="The id that your services use (`user_id` of an event).")
    email = models.EmailField(max_length=254, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    time_zone = models.CharField(max_length=64, blank=True, help_text="IANA name, such as Europe/Lisbon.")
    language = models.CharField(max_length=35, blank=True, help_text="BCP 47 tag, such as pt-BR.")
    region = models.CharField(max_length=16, blank=True, help_text="Where the law of this person applies: EU, US, BR …")
    # When this person last opened or clicked a mail of ours: warm-ups begin with the most engaged.
    engaged_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When it was forgotten (privacy/erase.py). The row stays, emptied, for whatever counts its events and messages.
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["external_id"], name="contact_external_id")]
        permissions = [
            ("view_personal", "Can see addresses, attributes, payloads and values"),
            ("erase_contact", "Can export and erase all that is known of a person"),
        ]
        # Serves the admin's search by address.
        indexes = [models.Index(fields=["email"], name="contact_email", condition=~models.Q(email=""))]

    def __str__(self) -> str:
        return self.external_id

    def facts(self) -> dict[str, object]:
        """What rules and templates may read below `contact.`"""
        return {
            "external_id": self.external_id,
            "email": self.email,
            "attributes": self.attributes,
            "time_zone": self.time_zone,
            "language": self.language,
            "region": self.region,
        }
