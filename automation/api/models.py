"""Keys that backend services identify themselves with."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Scope(models.TextChoices):
    EVENTS_WRITE = "events:write", "post events"
    CONTACTS_WRITE = "contacts:write", "create and change contacts"
    SUPPRESSIONS_READ = "suppressions:read", "see and check who must not be mailed"
    SUPPRESSIONS_WRITE = "suppressions:write", "suppress addresses, and lift that"
    CONSENTS_WRITE = "consents:write", "tell who agreed to what, and ask people to confirm"
    SEGMENTS_READ = "segments:read", "see segments and who is in them"
    PRIVACY = "privacy", "export and erase all that is known of a person"


class ApiKey(models.Model):
    """One key of one backend service. Only the key's hash is stored: it is shown once, when it is made."""

    name = models.CharField(max_length=100, help_text="Which service uses it.")
    prefix = models.CharField(max_length=12, editable=False)  # Its first characters, to tell keys apart by eye.
    key_hash = models.BinaryField(max_length=32, editable=False)  # SHA-256; the key itself has 256 random bits.
    scopes = ArrayField(models.CharField(max_length=32, choices=Scope), default=list)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)  # To within a minute.
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key_hash"], name="api_key_hash")]
        ordering = ["name"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
