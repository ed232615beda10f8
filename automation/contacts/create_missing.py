"""Turning the ids that backend services use into contacts."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from automation.contacts.models import Contact
from automation.core import sql

_KNOWN = f"SELECT external_id FROM {Contact._meta.db_table} WHERE external_id = ANY(%s)"  # noqa: S608


def create_missing(external_ids: Iterable[str], *, at: datetime) -> None:
    """Make those contacts that are not known, empty but for their external id.

    Two statements at most, one if all are known. Joins the caller's transaction. Of callers that create the same
    contact at once, one does and the others wait for it, all in the same order, so that they cannot deadlock.
    """
    wanted = set(external_ids)
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [list(wanted)])
        missing = sorted(wanted.difference(external_id for (external_id,) in cursor.fetchall()))
    sql.insert(Contact, [_empty(external_id, at) for external_id in missing], conflict="external_id")


def _empty(external_id: str, at: datetime) -> sql.Row:
    return {
        "external_id": external_id,
        "email": "",
        "attributes": {},
        "time_zone": "",
        "language": "",
        "region": "",
        "created_at": at,
        "updated_at": at,
    }
