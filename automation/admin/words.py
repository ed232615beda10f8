"""The engine's codes and figures in a marketer's words. Pure."""

from datetime import datetime, timedelta

from automation.core.spans import span
from automation.delivery.caps import CAPPED
from automation.delivery.hours import NEVER_OPEN, OUTSIDE_HOURS
from automation.delivery.questions import RESIDENCY
from automation.enrollments.enter import Verdict
from automation.flows.endings import EXITED, GOAL_REACHED
from suppression.models import Reason
from suppression.policy import NO_CONSENT, UNKNOWN_TOPIC

VERDICTS: dict[str, str] = {
    Verdict.ENTERED: "entered",
    Verdict.ALREADY_ENTERED: "not again: had entered before",
    Verdict.RULE_FALSE: "not entered: the entry rule says no",
    Verdict.TOO_OLD: "not entered: the event was too old",
    Verdict.RE_ENTRY_TOO_SOON: "not again: it is too soon",
    Verdict.NO_ENTRY_KEY: "not entered: the event lacks the field that tells runs apart",
    Verdict.NOT_IN_ROLLOUT: "not entered: the flow is not rolled out to this contact yet",
    Verdict.HELD_OUT: "not entered: held out, to compare with those who did",
}

# What a message's `reason` begins with. Words of others (an ESP's, say) follow after a colon.
REASONS: dict[str, str] = {
    GOAL_REACHED: "the flow has reached its goal with this contact",
    EXITED: "there was a reason to stop the flow for this contact",
    Reason.UNSUBSCRIBED: "the person has unsubscribed",
    Reason.HARD_BOUNCE: "the address does not exist or refuses mail",
    Reason.SOFT_BOUNCES: "the address has bounced several times in a row",
    Reason.COMPLAINT: "the person has called our mail spam",
    Reason.MANUAL: "the address was put on the suppression list by hand",
    Reason.IMPORTED: "the address is on an imported suppression list",
    NO_CONSENT: "the topic needs an opt-in, and the person has not given one",
    UNKNOWN_TOPIC: "the topic was deleted",
    "no_address": "the contact has no email address",
    "erased": "the contact was erased",
    RESIDENCY: "the contact's region must not be mailed from here, or not by this ESP account",
    "invalid_address": "the address cannot be mailed",
    "missing_value": "a value that the template needs is missing",
    "flow_archived": "the flow was archived before it was sent",
    "idempotency_key_expired": "too late to ask the ESP again without risking a second mail",
    "attempts_exhausted": "given up after the last attempt",
    "rejected": "the ESP refused it",
    "account": "the ESP refuses the account",
    "throttled": "the ESP asked us to slow down",
    "never_left": "the ESP could not be reached",
    "unknown": "the ESP did not answer clearly",
    "resent": "sent again although it may have arrived",
    "arrived": "somebody knows that it arrived",
    "flow_paused": "its flow is paused",
    OUTSIDE_HOURS: "waits for the hours in which it may be sent",
    NEVER_OPEN: "its flow's send window lies in quiet hours; change one of them",
    CAPPED: "the contact has had as many mails as the frequency cap allows",
    "account_paused": "its ESP account is paused; a route may lead elsewhere",
    "breaker_open": "its ESP account rests after errors; a route may lead elsewhere",
    "may_have_arrived": "it may have arrived by an earlier attempt",
    "too_old": "it is too old",
    "cannot_be_built": "the mail cannot be built",
    "warming_up": "waits for the warm-up of its domain",
}


def distance(at: datetime, now: datetime) -> str:
    """“in 2 days”, “5 minutes ago”, “just now”: the largest unit only."""
    between = at - now
    largest = " ".join(span(between).split()[:2])
    if abs(between) < timedelta(seconds=10):
        return "just now" if at <= now else "now"
    return f"in {largest}" if at > now else f"{largest} ago"


def reason(code_and_words: str) -> str:
    """A message's reason: the code's meaning, then whatever else was said. What is unknown is shown as it is."""
    code, _, said = code_and_words.partition(": ")
    if code not in REASONS:
        return code_and_words
    meaning = REASONS[code]
    return f"{meaning}: {reason(said)}" if said else meaning
