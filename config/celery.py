"""The Celery application. Tasks are wake-up calls only: what there is to do stands in PostgreSQL."""

import os
from typing import Any

from celery import Celery, bootsteps
from celery.signals import setup_logging, task_prerun, worker_process_init, worker_shutting_down
from django.db import close_old_connections

from automation.core.stopping import note_stop
from config import queues
from config.collector import spare_what_stays

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class DeclareDeadLetters(bootsteps.StartStopStep):
    """Nobody consumes the dead letters, so no worker would declare their queue by itself."""

    requires = ("celery.worker.consumer.connection:Connection",)

    def start(self, consumer: Any) -> None:
        if queues.is_rabbitmq(consumer.app.conf.broker_url):
            with consumer.connection.channel() as channel:
                queues.dead_letters().bind(channel).declare()


app = Celery("signalpost")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(DeclareDeadLetters)
worker_shutting_down.connect(note_stop)
worker_process_init.connect(spare_what_stays)


@setup_logging.connect
def _use_django_logging(**_: Any) -> None:
    """Receiving this signal keeps Celery from replacing the logging that Django has set up."""


@task_prerun.connect
def _keep_good_connections(**_: Any) -> None:
    """As before a request: drop a database connection that broke. Celery would drop every one (CELERY_DB_REUSE_MAX)."""
    close_old_connections()
