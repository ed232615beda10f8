"""The three lanes that messages travel in. A lower lane gives way to a higher one."""

from django.db import models


class Lane(models.TextChoices):
    TRANSACTIONAL = "transactional", "transactional: asked for by the person (receipts, passwords)"
    TRIGGERED = "triggered", "triggered: follows something the person did"
    BULK = "bulk", "bulk: to many people at once"

    @property
    def pump(self) -> str:
        """The Celery task that delivers what is due in this lane."""
        return f"automation.deliver.{self.value}"
