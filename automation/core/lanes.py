"""The three lanes that messages travel in. A lower lane gives way to a higher one."""

from django.db import models


class Lane(models.TextChoices):
    TRANSACTIONAL = "transactional", "transactional: asked for by the person (receipts, passwords)"
    TRIGGERED = "triggered", "triggered: follows something the person did"
    BULK = "bulk", "bulk: to many people at once"
