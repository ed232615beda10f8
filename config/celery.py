"""The Celery application. Tasks are wake-up calls only: what there is to do stands in PostgreSQL."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("signalpost")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _use_django_logging(**_: Any) -> None:
    """Receiving this signal keeps Celery from replacing the logging that Django has set up."""
