"""Who was asked to confirm: what double opt-in remembers."""

from django.db import models


class ConfirmationRequest(models.Model):
    """That an address was asked to confirm: the last time, and what for."""

    address_hash = models.BinaryField(max_length=32, primary_key=True)  # suppression.address.hash_address
    message_id = models.UUIDField()  # The mail that asks; its link carries it.
    topic = models.ForeignKey("suppression.Topic", models.CASCADE, related_name="+", db_index=False)
    details = models.JSONField(default=dict)  # How we know that it was asked for.
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.message_id)
