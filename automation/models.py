"""The stages' models, gathered where Django looks for them. Each is documented where it is defined."""

from automation.api.models import ApiKey
from automation.contacts.models import Contact
from automation.delivery.models import (
    Attempt,
    DoubleOptIn,
    Engagement,
    EspAccount,
    FrequencyCap,
    Message,
    Route,
    SenderIdentity,
    Tally,
    WarmupDay,
    WarmupPlan,
)
from automation.enrollments.migration_plan import MigrationPlan
from automation.enrollments.models import Enrollment, Holdout, LastEntry, StepRun
from automation.enrollments.occurrences import Occurrence
from automation.enrollments.passed_over import ListeningSet
from automation.events.models import Event, EventType
from automation.flows.house_rules import HouseRules
from automation.flows.models import Flow, FlowVersion, Step
from automation.hooks.models import HookCall
from automation.privacy.models import RetentionWalk
from automation.segments.models import Segment, SegmentCheck, SegmentMember, SegmentNote

__all__ = [
    "ApiKey",
    "Attempt",
    "Contact",
    "DoubleOptIn",
    "Engagement",
    "Enrollment",
    "EspAccount",
    "Event",
    "EventType",
    "Flow",
    "FlowVersion",
    "FrequencyCap",
    "Holdout",
    "HookCall",
    "HouseRules",
    "LastEntry",
    "ListeningSet",
    "Message",
    "MigrationPlan",
    "Occurrence",
    "RetentionWalk",
    "Route",
    "Segment",
    "SegmentCheck",
    "SegmentMember",
    "SegmentNote",
    "SenderIdentity",
    "Step",
    "StepRun",
    "Tally",
    "WarmupDay",
    "WarmupPlan",
]
