"""The stage's models, by subject."""

from automation.delivery.models.accounts import EspAccount, Route, SenderIdentity
from automation.delivery.models.caps import FrequencyCap
from automation.delivery.models.double_opt_in import DoubleOptIn
from automation.delivery.models.engagements import Engagement
from automation.delivery.models.messages import Attempt, Message, MessageQuerySet
from automation.delivery.models.tally import Counted, Tally
from automation.delivery.models.warmup import WarmupDay, WarmupPlan

__all__ = [
    "Attempt",
    "Counted",
    "DoubleOptIn",
    "Engagement",
    "EspAccount",
    "FrequencyCap",
    "Message",
    "MessageQuerySet",
    "Route",
    "SenderIdentity",
    "Tally",
    "WarmupDay",
    "WarmupPlan",
]
