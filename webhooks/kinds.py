"""What an ESP's event means to us: one vocabulary for all of them, and what follows from each word."""

from enum import StrEnum
from typing import NamedTuple

from automation.delivery.stamp import Stage
from suppression.models import Reason


class Kind(StrEnum):
    ACCEPTED = "accepted"  # The ESP has it.
    DEFERRED = "deferred"  # Put off; the ESP will try again.
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    AUTO_REPLY = "auto_reply"
    HARD_BOUNCE = "hard_bounce"  # This address takes no mail, and will not.
    SOFT_BOUNCE = "soft_bounce"  # It came back; the next one may not. Also what nobody can tell from a hard bounce.
    BLOCK = "block"  # Refused for what it is or who sent it. Says nothing against the address.
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    UNKNOWN = "unknown"  # Nothing follows.


class Consequence(NamedTuple):
    stage: Stage  # What the message is stamped with. Each of these proves at least that the ESP has it.
    suppress: Reason | None = None  # As soon as suppression/strikes.py has had enough of them.
    event: str = ""  # The type of the event that goes back into the loop.


CONSEQUENCES = {
    Kind.ACCEPTED: Consequence(Stage.SENT),
    Kind.DEFERRED: Consequence(Stage.SENT, event="email.deferred"),
    Kind.DELIVERED: Consequence(Stage.DELIVERED, event="email.delivered"),
    Kind.OPENED: Consequence(Stage.OPENED, event="email.opened"),
    Kind.CLICKED: Consequence(Stage.CLICKED, event="email.clicked"),
    Kind.AUTO_REPLY: Consequence(Stage.SENT),
    Kind.HARD_BOUNCE: Consequence(Stage.BOUNCED, Reason.HARD_BOUNCE, "email.bounced"),
    Kind.SOFT_BOUNCE: Consequence(Stage.BOUNCED, Reason.SOFT_BOUNCES, "email.bounced"),
    Kind.BLOCK: Consequence(Stage.BOUNCED, event="email.bounced"),
    Kind.COMPLAINT: Consequence(Stage.COMPLAINED, Reason.COMPLAINT, "email.complained"),
    # Its event follows from the suppression, as that of the unsubscribe page does (automation/delivery/feedback.py).
    Kind.UNSUBSCRIBE: Consequence(Stage.SENT, Reason.UNSUBSCRIBED),
}
