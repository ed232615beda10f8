"""The outbox of a simulation: when each of its mails would go out, if at all, by hours and frequency caps."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from automation.contacts.models import Contact
from automation.delivery.hours import NEVER_OPEN, Later, hours_of
from automation.delivery.models import Message
from automation.delivery.room import Room
from automation.flows import send_when
from automation.flows.models import Flow


class Going(NamedTuple):
    """What becomes of a mail. The steps that follow do not wait for it."""

    put_off: tuple[Later, ...]  # What would hold it up, one after the other.
    goes_at: datetime | None  # None: it is given up, or its window never opens.
    given_up: str = ""  # Why: a code, then words, as `Message.reason`.
    room_at: datetime | None = None  # Of what is given up: when a cap would have room.


class Outbox:
    """Asks what each claim would ask, and again when the claim would. Mails come in the order of their instants."""

    def __init__(self, flow: Flow, contact: Contact, *, house: str | None, caps: str | None, at: datetime) -> None:
        """One statement if there are caps. `house` and `caps`: as text (delivery/hours.py, delivery/models/caps.py)."""
        asked = send_when.to_json(flow)
        self._hours = hours_of(json.dumps(asked) if asked else None, house, flow.lane)
        mail = Message(contact_id=contact.pk, topic_id=flow.topic_id, lane=flow.lane)
        self._room = Room(mail, caps=caps, since=at)
        self._put: list[tuple[str, Going]] = []

    def put(self, step_key: str, time_zone: str, at: datetime) -> Going:
        going = self._go(time_zone, at)
        self._put.append((step_key, going))
        return going

    def unsent(self, at: datetime, *, latest: Collection[str]) -> list[str]:
        """Steps whose mail has not gone out by then, and was not given up. Of the `latest` it has had no time to."""
        kept = ((key, going.goes_at) for key, going in self._put if not going.given_up)
        return [key for key, goes_at in kept if goes_at is None or goes_at > at or (goes_at == at and key in latest)]

    def _go(self, time_zone: str, at: datetime) -> Going:
        put_off: list[Later] = []
        capped_at: datetime | None = None
        while True:
            later = self._hours.ask(time_zone, at) if self._hours else None
            if later is None:
                over = self._room.ask(at, capped_at=capped_at)
                if over is None:
                    return Going(tuple(put_off), at)
                if not over.waits:
                    return Going(tuple(put_off), None, over.reason, over.room_at)
                capped_at, later = over.since, Later(over.room_at, over.reason)
            put_off.append(later)
            if later.reason == NEVER_OPEN:
                return Going(tuple(put_off), None)
            at = later.until
