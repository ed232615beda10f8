"""Erase: forget a person. Rows that counts and reports need stay, emptied; that they must not be mailed stays."""

from datetime import datetime
from typing import NamedTuple

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone

from automation.contacts.models import Contact
from automation.core.ids import new_id
from automation.events.models import Event
from automation.privacy.addresses import addresses_of
from automation.privacy.signals import contact_erased
from suppression.forget import forget_addresses


class Erased(NamedTuple):
    """How many rows were emptied."""

    contact_id: int
    events: int
    enrollments: int
    messages: int


@transaction.atomic
def erase(*, external_id: str, by: str) -> Erased | None:
    """Forget the contact that the backend services call so. None: there is none, or it was erased before.

    One transaction, a constant number of statements. Events that wait for the react pump, contact, enrollments and
    messages are locked in this order, as everywhere. What waits to be sent is withheld; what is with the ESP at this
    instant arrives. Raw webhook calls are swept afterwards (webhooks/sweep.py). `by`: who asked for it, by their name
    in the admin or as an API key's.
    """
    at = timezone.now()
    _lock_undecided_events(external_id)
    contact = Contact.objects.select_for_update(no_key=True).filter(external_id=external_id, erased_at=None).first()
    if contact is None:
        return None
    addresses = addresses_of(contact)
    enrollments = _run(_ENROLLMENTS, at, contact.pk)
    _run(_STEP_RUNS, contact.pk)
    _run(_HOLDOUTS, contact.pk)
    messages = _run(_MESSAGES, contact.pk)
    _run(_ATTEMPTS, contact.pk)
    _run(_HOOK_CALLS, contact.pk)
    _run(_ENGAGEMENTS, contact.pk)
    events = _run(_EVENTS, contact.pk)
    _forget_in_the_admin(contact)
    _empty(contact, at)
    forget_addresses(addresses, source=f"erased by {by}", at=at)
    contact_erased.send(Contact, addresses=addresses)
    return Erased(contact.pk, events, enrollments, messages)


def _lock_undecided_events(external_id: str) -> None:
    """As the react pump does before it locks their contacts, so that the two cannot deadlock."""
    waiting = Event.objects.filter(contact__external_id=external_id, status=Event.Status.NEW).order_by("pk")
    list(waiting.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def _empty(contact: Contact, at: datetime) -> None:
    """Under another name, so that whoever comes back under the old one is somebody new."""
    contact.external_id = f"erased-{new_id()}"
    contact.email = contact.time_zone = contact.language = contact.region = ""
    contact.attributes = {}
    contact.erased_at = at
    contact.save()


def _forget_in_the_admin(contact: Contact) -> None:
    """Its log says who did what, and calls a contact by its external id."""
    log = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Contact), object_id=str(contact.pk))
    log.update(object_repr="an erased contact", change_message="")


def _run(statement: str, *parameters: int | datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


_ENROLLMENTS = """
UPDATE automation_enrollment
SET status = CASE status WHEN 'active' THEN 'erased' WHEN 'set_aside' THEN 'erased' ELSE status END,
    ended_at = COALESCE(ended_at, %s), due_at = NULL, waits_until = NULL,
    entry_key = 'erased:' || id, failure = ''
WHERE contact_id = %s
"""
# Which way each step led stays, for whoever counts them.
_STEP_RUNS = """
UPDATE automation_steprun AS run
SET result = jsonb_strip_nulls(jsonb_build_object('kind', run.result->'kind', 'next', run.result->'next'))
FROM automation_enrollment AS enrollment
WHERE enrollment.id = run.enrollment_id AND enrollment.contact_id = %s
"""
# That somebody was held out stays, for whoever compares.
_HOLDOUTS = "UPDATE automation_holdout SET entry_key = 'erased:' || id WHERE contact_id = %s"
# Locked in the order of their ids. What a worker holds at this instant keeps its status: the call may have begun.
_MESSAGES = """
WITH locked AS (
    SELECT id FROM automation_message WHERE contact_id = %s ORDER BY id FOR NO KEY UPDATE
)
UPDATE automation_message AS m
SET to_email = '', values = '{}',
    status = CASE WHEN m.status IN ('held', 'queued') THEN 'withheld' ELSE m.status END,
    reason = CASE WHEN m.status IN ('held', 'queued') THEN 'erased' ELSE split_part(m.reason, ':', 1) END
FROM locked WHERE m.id = locked.id
"""
_ATTEMPTS = """
UPDATE automation_attempt AS a SET detail = ''
FROM automation_message AS m WHERE m.id = a.message_id AND m.contact_id = %s
"""
# That somebody clicked stays; on what, and with which program, goes.
_ENGAGEMENTS = """
UPDATE automation_engagement AS e SET url = '', agent = ''
FROM automation_message AS m WHERE m.id = e.message_id AND m.contact_id = %s
"""
# What a service was told, it was told; what it was not, it is not told any more.
_HOOK_CALLS = """
UPDATE automation_hookcall
SET body = '{}', failure = '', status = CASE WHEN status = 'taken' THEN status ELSE 'withdrawn' END
WHERE contact_id = %s
"""
# Of a decision, which flow and what came of it stays. An event that nobody has decided on yet enters nobody any more.
_EVENTS = """
UPDATE automation_event
SET payload = '{}', metadata = '{}', content_hash = '\\x', failure = '',
    status = CASE WHEN status = 'decided' THEN status ELSE 'decided' END,
    decisions = COALESCE(
        (SELECT jsonb_agg(decision - 'seen' - 'entry_key') FROM jsonb_array_elements(decisions) AS decision), '[]'
    )
WHERE contact_id = %s
"""
