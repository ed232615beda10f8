"""Who must not be mailed. Knows addresses only by their keyed hash, and no contact."""

from django.apps import AppConfig


class SuppressionConfig(AppConfig):
    name = "suppression"
    verbose_name = "Suppression"
