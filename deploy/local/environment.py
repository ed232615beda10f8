"""The environment variables of the application on this machine: all it ever sees of how it was started."""

import json
from collections.abc import Mapping

from deploy.local.credentials import Credentials

EXTERNAL = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL")  # Set by the user: use those servers instead of our own.


def application(
    secrets: Credentials,
    *,
    url: str,
    sandbox_url: str,
    services: Mapping[str, str],
) -> dict[str, str]:
    """`services`: the three EXTERNAL variables, wherever their servers came from."""
    return {
        **services,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": secrets.secret_key,
        "SUPPRESSION_HASH_KEY": secrets.suppression_hash_key,
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "PUBLIC_URL": url,
        "LOG_LEVEL": "INFO",  # At which workers say that they are ready.
        **esp_accounts(secrets, sandbox_url),
    }


def esp_accounts(secrets: Credentials, sandbox_url: str) -> dict[str, str]:
    """The two demo accounts of examples/demo.yaml, and what the sandbox needs to sign the webhooks of each."""
    postmark_webhook = f"signalpost:{secrets.postmark_webhook_password}"
    postmark = {
        "server_token": secrets.postmark_server_token,
        "api_url": f"{sandbox_url}/demo/postmark/",
        "webhook_secret": postmark_webhook,
    }
    resend = {
        "api_key": secrets.resend_api_key,
        "api_url": f"{sandbox_url}/demo-resend/resend/",
        "signing_secret": secrets.resend_signing_secret,
    }
    return {
        "ESP_DEMO": json.dumps(postmark),
        "ESP_DEMO_RESEND": json.dumps(resend),
        "ESP_SANDBOX_WEBHOOK_SECRET": postmark_webhook,
        "ESP_SANDBOX_SVIX_SECRET": secrets.resend_signing_secret,
    }
