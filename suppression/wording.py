"""What people agreed to, word for word. Each line of the ledger names its version."""

import hashlib

from django.db import models
from django.utils import timezone


class Wording(models.Model):
    """A text as it was shown to somebody who agreed to it. Its version is made of the text, so it never changes."""

    version = models.CharField(max_length=64, primary_key=True)
    text = models.TextField()
    first_shown_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.version


def version_of(text: str) -> str:
    """The version of a text, which is kept from now on. Joins the caller's transaction."""
    version = hashlib.sha256(text.encode()).hexdigest()[:16]
    Wording.objects.bulk_create([Wording(version=version, text=text)], ignore_conflicts=True)
    return version
