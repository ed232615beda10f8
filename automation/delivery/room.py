"""Room: what frequency caps would say of one contact's mails to come, at any instant. Nothing is written or locked."""

from datetime import datetime

from automation.delivery.caps import Over, ask, count, covering
from automation.delivery.models import Message


class Room:
    """For mails that are like one message in contact, topic and lane. Those that it lets go count from then on."""

    def __init__(self, message: Message, *, caps: str | None, since: datetime) -> None:
        """One statement, and none without caps. `message` need not be stored; `caps` as `lock_due` reads them; no
        instant before `since` is asked for."""
        message.caps = caps  # type: ignore[attr-defined]  # As lock_due does.
        self._message, self._caps = message, covering(message)
        keys = {(message.contact_id, cap.id): cap for cap in self._caps}
        self._sent = count(keys, as_of=since) if keys else {}

    def ask(self, at: datetime, *, capped_at: datetime | None) -> Over | None:
        """May a mail go out then, which a cap holds up since `capped_at`? None: yes, and it counts."""
        self._message.capped_at = capped_at
        periods = {(self._message.contact_id, cap.id): cap.period for cap in self._caps}
        within = {
            key: sorted((one for one in self._sent[key] if at - period < one <= at), reverse=True)
            for key, period in periods.items()
        }
        over = ask(self._message, self._caps, within, at)
        if over is None:
            for times in self._sent.values():
                times.append(at)
        return over
