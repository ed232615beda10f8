"""The ESPs' door: what they report is stored as it came, and understood later."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"
