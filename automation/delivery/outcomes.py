"""The words for what can come of handing a message to an ESP."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# As the column. A longer one is cut: a result that cannot be written down takes its whole batch with it.
MAX_ESP_ID = 255


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"  # The ESP said no; saying it again would not help.
    ACCOUNT = "account"  # The ESP refuses the account, not the message.
    THROTTLED = "throttled"  # Not taken; come back at `retry_at`.
    NEVER_LEFT = "never_left"  # No byte of the message reached the ESP.
    UNKNOWN = "unknown"  # It may have been taken. Never retried without an idempotency key.


@dataclass(frozen=True, slots=True)
class SendResult:
    """What one call came to. `detail` is safe to store and log: no address in it."""

    outcome: Outcome
    esp_message_id: str = ""
    status_code: int | None = None
    detail: str = ""
    retry_at: datetime | None = None  # Only when the ESP, or what is known of it, names a time.
    address_refused: bool = False  # REJECTED because of this recipient: suppression wants to know.
    advice: str = ""  # What an operator should do about it.
    untried: bool = False  # NEVER_LEFT for want of time on our side: it says nothing of the ESP.

    @property
    def why(self) -> str:
        """For an operator: what was said, and what to do about it."""
        return " ".join(filter(None, (self.detail, f"→ {self.advice}" if self.advice else "")))
