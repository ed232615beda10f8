"""Where everything meets: settings, URLs, the Celery application, health."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
