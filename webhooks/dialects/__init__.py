"""The ESPs whose webhooks we take: all for which Anymail has a tracking view (Scaleway has none)."""

from importlib import import_module

from automation.delivery.providers import Provider
from webhooks.dialects.base import Dialect

SPOKEN = frozenset(Provider) - {Provider.SCALEWAY}


def dialect_of(provider: str) -> Dialect | None:
    """None: this provider sends no webhooks that anybody here can read. Loads what is needed and no more (boto3 …)."""
    if provider not in SPOKEN:
        return None
    dialect: Dialect = getattr(import_module(f"webhooks.dialects.{provider}"), provider.upper())
    return dialect
