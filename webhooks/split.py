"""Split: the same webhook as if each of its events had come alone, so that a bad one costs no other."""

import json
from collections.abc import Sequence
from urllib.parse import parse_qs, urlencode

from automation.core.json import Json
from webhooks.dialects.base import Dialect


def split(body: bytes, dialect: Dialect) -> list[bytes]:
    """A body for each event. Pure. Raises ValueError, LookupError or TypeError if it has not that form."""
    if dialect.events_at is None:
        return [body]
    text = parse_qs(body.decode(), strict_parsing=True)[dialect.form_field][0] if dialect.form_field else body
    events: Json = json.loads(text)
    for step in dialect.events_at:
        events = events[step]
    if not isinstance(events, list):
        return [body]  # Mailjet sends a single event bare.
    return [_alone(event, dialect.events_at, dialect.form_field) for event in events]


def _alone(event: Json, events_at: Sequence[str | int], form_field: str) -> bytes:
    tree: Json = [event]
    for step in reversed(events_at):
        tree = [tree] if isinstance(step, int) else {step: tree}
    text = json.dumps(tree)
    return (urlencode({form_field: text}) if form_field else text).encode()
