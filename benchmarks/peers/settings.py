"""Django settings of both peers: our servers, databases of their own there, the same Anymail backend."""

import json
import os

from psycopg.conninfo import conninfo_to_dict

_database = conninfo_to_dict(os.environ["PEER_DATABASE_URL"])

SECRET_KEY = "-"
USE_TZ = True
INSTALLED_APPS = ["django.contrib.contenttypes", "anymail", "post_office", "djcelery_email"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database["dbname"],
        "USER": _database["user"],
        "PASSWORD": _database["password"],
        "HOST": _database["host"],
        "PORT": _database["port"],
        "CONN_MAX_AGE": None,
    }
}
LOGGING_CONFIG = None  # Per mail, neither has anything to say that we would read.

_ANYMAIL = "anymail.backends.postmark.EmailBackend"
ANYMAIL = {"POSTMARK_SERVER_TOKEN": "any", "POSTMARK_API_URL": os.environ["PEER_API_URL"]}

POST_OFFICE = {
    "BACKENDS": {"default": _ANYMAIL},
    "LOCK_FILE_NAME": os.environ["PEER_LOCK_FILE"],
    **json.loads(os.environ.get("PEER_POST_OFFICE", "{}")),
}

EMAIL_BACKEND = "djcelery_email.backends.CeleryEmailBackend"
CELERY_EMAIL_BACKEND = _ANYMAIL
CELERY_EMAIL_CHUNK_SIZE = int(os.environ.get("PEER_CHUNK_SIZE", "10"))
