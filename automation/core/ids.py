"""Ids that we make ourselves, before a row is stored."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): opaque to others, in time order for the index it is a key of."""
    return uuid_utils.compat.uuid7()
