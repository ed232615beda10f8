"""Turning the ids that backend services use into contacts."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from automation.contacts.models import Contact
from automation.core import sql

_FIND = f"SELECT external_id, id FROM {Contact._meta.db_table} WHERE external_id = ANY(%s)"  # noqa: S608


def find_or_create(external_ids: Iterable[str], *, at: datetime) -> dict[str, int]:
    """Our id of each contact; those that are new exist from now on, empty but for their external id.

    Three statements at most, one if all are known. Joins the caller's transaction. Of callers that create the same
    contact at once, one does and the others wait for it, all in the same order, so that they cannot deadlock.
    """
    wanted = set(external_ids)
    known = _find(wanted)
    created = sql.insert(
        Contact,
        [_empty(external_id, at) for external_id in sorted(wanted - known.keys())],
        conflict="external_id",
        returning="external_id, id",
    )
    known.update(created)
    if raced := wanted - known.keys():
        known.update(_find(raced))
    return known


def _find(external_ids: set[str]) -> dict[str, int]:
    if not external_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [list(external_ids)])
        return dict(cursor.fetchall())


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
