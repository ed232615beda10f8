"""Retain: delete what is older than its table keeps it. A walk over all contacts, a stretch of them at a time.

By contact, since the tables' own indexes find what is a contact's, and another by time would cost each insert. What
decides whether somebody may be mailed again stays: enrollments, their entry keys, holdouts, opt-outs and consents.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from automation.contacts.models import Contact
from automation.delivery.models import FrequencyCap
from automation.privacy.models import RetentionWalk

TASK = "automation.retain"
# Contacts in one transaction, which holds their locks. More, and their events wait for longer.
STRETCH = 200
# Rows of one table that it deletes at most. If that is not all, the same contacts come again.
MOST = 2_000
# From the end of a walk to the next.
PAUSE = timedelta(days=1)


@transaction.atomic
def retain() -> int:
    """One stretch, with a constant number of statements. Returns 1, or 0 while no walk is due."""
    at = timezone.now()
    walk = _lock_walk(at)
    if walk is None:
        return 0
    following = Contact.objects.filter(pk__gt=walk.contact_id).order_by("pk")
    contacts = list(following.select_for_update(no_key=True).values_list("pk", flat=True)[:STRETCH])
    if _delete(contacts, at) < MOST:
        walk.contact_id = contacts[-1] if contacts else 0
        walk.due_at = at if contacts else at + PAUSE
        walk.save()
    return 1


def _lock_walk(at: datetime) -> RetentionWalk | None:
    if not any(settings.KEEP[name] for name in _DELETE):
        return None
    RetentionWalk.objects.get_or_create(pk=1, defaults={"due_at": at})
    return RetentionWalk.objects.select_for_update(skip_locked=True, no_key=True).filter(due_at__lte=at).first()


def _delete(contacts: list[int], at: datetime) -> int:
    """Of these contacts; with none, mails to addresses that are no contact's. Returns the most rows of any table."""
    most = 0
    with connection.cursor() as cursor:
        for name, statement in _DELETE.items():
            if keep := settings.KEEP[name]:
                cursor.execute(statement, {"contacts": contacts, "before": at - _at_least(name, keep), "most": MOST})
                most = max(most, cursor.rowcount)
    return most


def _at_least(name: str, keep: timedelta) -> timedelta:
    """A frequency cap counts the mails of its period: those stay in any case."""
    if name != "messages":
        return keep
    return max(keep, FrequencyCap.objects.aggregate(longest=Max("period"))["longest"] or keep)


_STEP_RUNS = """
DELETE FROM automation_steprun WHERE id = ANY(ARRAY(
    SELECT run.id
    FROM automation_enrollment AS enrollment
    JOIN automation_steprun AS run ON run.enrollment_id = enrollment.id
    WHERE enrollment.contact_id = ANY(%(contacts)s) AND enrollment.ended_at < %(before)s
    LIMIT %(most)s
))
"""
_HOOK_CALLS = """
DELETE FROM automation_hookcall WHERE id = ANY(ARRAY(
    SELECT id FROM automation_hookcall
    WHERE contact_id = ANY(%(contacts)s) AND created_at < %(before)s AND status <> 'queued'
    LIMIT %(most)s
))
"""
# Nobody can still be at work on those, nor be about to ask what an enrollment has sent already (mails_had.py).
_MESSAGES = """
WITH old AS MATERIALIZED (
    SELECT id FROM automation_message AS m
    WHERE (contact_id = ANY(%(contacts)s) OR cardinality(%(contacts)s::bigint[]) = 0 AND contact_id IS NULL)
      AND COALESCE(claimed_at, created_at) < %(before)s AND lease_until IS NULL
      AND status IN ('sent', 'delivered', 'bounced', 'complained', 'withheld', 'failed')
      AND NOT EXISTS (SELECT FROM automation_enrollment WHERE id = m.enrollment_id AND ended_at IS NULL)
    ORDER BY id
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
),
attempts AS (DELETE FROM automation_attempt WHERE message_id IN (SELECT id FROM old)),
engagements AS (DELETE FROM automation_engagement WHERE message_id IN (SELECT id FROM old))
DELETE FROM automation_message WHERE id = ANY(ARRAY(SELECT id FROM old))
"""
# Not those that an enrollment on its way reads, nor what was told of late about long ago: it may be told again.
_EVENTS = """
WITH old AS MATERIALIZED (
    SELECT id, contact_id FROM automation_event AS e
    WHERE contact_id = ANY(%(contacts)s) AND occurred_at < %(before)s AND received_at < %(before)s AND status <> 'new'
      AND NOT EXISTS (
          SELECT FROM automation_enrollment
          WHERE contact_id = e.contact_id AND e.id IN (event_id, awaited_id) AND ended_at IS NULL
      )
    LIMIT %(most)s
),
gone AS (SELECT contact_id, array_agg(id) AS ids FROM old GROUP BY contact_id),
ended AS (
    UPDATE automation_enrollment AS enrollment SET
        event_id = CASE WHEN event_id = ANY(gone.ids) THEN NULL ELSE event_id END,
        awaited_id = CASE WHEN awaited_id = ANY(gone.ids) THEN NULL ELSE awaited_id END
    FROM gone
    WHERE enrollment.contact_id = gone.contact_id AND (event_id = ANY(gone.ids) OR awaited_id = ANY(gone.ids))
)
DELETE FROM automation_event WHERE id = ANY(ARRAY(SELECT id FROM old))
"""
_DELETE = {"step_runs": _STEP_RUNS, "hook_calls": _HOOK_CALLS, "messages": _MESSAGES, "events": _EVENTS}
