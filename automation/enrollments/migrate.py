"""The migrate pump: move those who wait in older versions as it was planned, a chunk at a time."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from automation.enrollments.migration_plan import MigrationPlan
from automation.enrollments.models import Enrollment

# Larger is hardly cheaper, but holds the locks of more contacts, and so their events, for longer.
CHUNK = 1_000

# Of an enrollment `e` and a plan `p`: it was waiting there when the plan was made, and has not come there since.
_WAITED = """
e.flow_version_id = p.from_version_id AND e.step_key = p.step_key AND e.status = 'active'
AND e.entered_at <= p.planned_at AND NOT EXISTS (
    SELECT FROM automation_steprun AS r WHERE r.enrollment_id = e.id AND r.ran_at > p.planned_at
)
"""

# What others hold is skipped, not waited for, so this cannot deadlock with them.
_CLAIM = f"""
SELECT e.id FROM automation_migrationplan AS p
JOIN automation_enrollment AS e ON {_WAITED}
JOIN automation_contact AS c ON c.id = e.contact_id
WHERE p.id = %s
LIMIT %s
FOR NO KEY UPDATE OF c, e SKIP LOCKED
"""  # noqa: S608

_ANY_LEFT = f"""
SELECT EXISTS (SELECT FROM automation_migrationplan AS p JOIN automation_enrollment AS e ON {_WAITED} WHERE p.id = %s)
"""  # noqa: S608

# A wait for some time goes on: only what follows it is another step. If the new version has a goal or a reason to stop,
# those who wait are looked at once, and from then on. Who rests at a step, to hear of something, leaves it at once,
# since the new version listens for what it wants itself. The move is kept as a step run.
_MOVE = f"""
WITH moved AS (
    UPDATE automation_enrollment AS e SET
        flow_version_id = CASE p.action WHEN 'move' THEN p.to_version_id ELSE e.flow_version_id END,
        status = CASE p.action WHEN 'move' THEN 'active' ELSE 'left' END,
        step_key = p.to_step_key,
        visits = e.visits + 1,
        due_at = CASE
            WHEN p.action = 'leave' THEN NULL
            WHEN e.rests_since IS NULL AND NOT onto.definition ? 'endings' THEN COALESCE(e.waits_until, e.due_at)
            ELSE %(at)s
        END,
        waits_until = CASE
            WHEN p.action = 'move' AND e.rests_since IS NULL AND onto.definition ? 'endings'
            THEN COALESCE(e.waits_until, e.due_at)
        END,
        rests_since = NULL,
        awaits = NULL,
        ended_at = CASE p.action WHEN 'move' THEN NULL ELSE %(at)s::timestamptz END,
        moved_at = %(at)s
    FROM automation_migrationplan AS p JOIN automation_flowversion AS onto ON onto.id = p.to_version_id
    WHERE e.id = ANY(%(ids)s::uuid[]) AND p.done_at IS NULL AND {_WAITED}
    RETURNING e.id, e.visits, p.step_key, p.action, p.to_version_id, NULLIF(p.to_step_key, '') AS next
)
INSERT INTO automation_steprun (enrollment_id, step_key, visit, ran_at, result)
SELECT moved.id, moved.step_key, moved.visits, %(at)s,
       jsonb_build_object('kind', moved.action, 'next', moved.next, 'version', version.number)
FROM moved JOIN automation_flowversion AS version ON version.id = moved.to_version_id
RETURNING enrollment_id
"""  # noqa: S608


@transaction.atomic
def migrate() -> int:
    """Move one chunk of those for whom there is a plan, in one transaction. Returns how many; 0: there is nobody.

    After a crash it goes on where it was: who has been moved waits elsewhere. A plan is done once nobody is left; whom
    another pump holds is moved by a later run, or by that pump.
    """
    plans = MigrationPlan.objects.filter(done_at=None).order_by("id")
    for plan in plans.select_for_update(skip_locked=True, no_key=True):
        claimed = _claim(plan)
        if claimed:
            return len(move(claimed, at=timezone.now()))
        if not _any_left(plan):
            MigrationPlan.objects.filter(pk=plan.pk).update(done_at=timezone.now())
    return 0


def move(ids: Iterable[UUID], *, at: datetime) -> set[UUID]:
    """Move those of these enrollments for whom there is a plan, and say who they were. One statement.

    The caller's transaction has locked them, after their contacts.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"ids": list(ids), "at": at})
        return {enrollment_id for (enrollment_id,) in cursor.fetchall()}


def without_moved(enrollments: Sequence[Enrollment], *, at: datetime) -> Sequence[Enrollment]:
    """Move those for whom there is a plan; the others may walk. No statement where no plan is open.

    `enrollments` are annotated with ARE_OPEN, and locked as for `move`.
    """
    if not any(one.plans_are_open for one in enrollments):  # type: ignore[attr-defined]  # The annotation.
        return enrollments
    moved = move((one.pk for one in enrollments), at=at)
    return [one for one in enrollments if one.pk not in moved]


def _claim(plan: MigrationPlan) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [plan.pk, CHUNK])
        return [enrollment_id for (enrollment_id,) in cursor.fetchall()]


def _any_left(plan: MigrationPlan) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_ANY_LEFT, [plan.pk])
        (are_there,) = cursor.fetchone()
        return bool(are_there)
