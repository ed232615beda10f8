"""The Celery app of django-celery-email's workers. CELERY_BROKER_URL says where it waits."""

from celery import Celery

app = Celery("peers")
app.config_from_object({"task_ignore_result": True, "broker_connection_retry_on_startup": True})
app.autodiscover_tasks(["djcelery_email", "post_office"])
