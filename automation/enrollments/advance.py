"""The advance pump: move on the enrollments whose wait is over, and look at those whom time alone may end."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from automation.core import pump, sql
from automation.enrollments.enter import facts_of
from automation.enrollments.mails_had import NONE, MailsHad, mails_had
from automation.enrollments.migrate import without_moved
from automation.enrollments.migration_plan import ARE_OPEN
from automation.enrollments.models import Enrollment
from automation.enrollments.recall import History, recall
from automation.enrollments.record import Walked, announce, place, record
from automation.enrollments.rest import Rest, look
from automation.enrollments.walk import walk
from automation.flows.clock import HOUSE_ZONE
from automation.flows.definition import of_version

# As for react: larger is cheaper, but holds locks longer.
BATCH = 200


def advance_due_enrollments() -> int:
    """Move on one batch of due enrollments, in one transaction. Returns how many it claimed; 0 when none is due."""
    return pump.transact(_claim, lambda enrollments: advance(enrollments, at=timezone.now()))


def _claim() -> Sequence[Enrollment]:
    """Due enrollments, locked with their contacts: an event of the same contact cannot race the end of a wait.

    Those of events first, so that a broadcast to a million holds nobody up. Whatever another pump holds is skipped, not
    waited for, so this cannot deadlock in whichever order rows are due.
    """
    claimed = _due(scheduled=False, limit=BATCH)
    return claimed if len(claimed) == BATCH else claimed + _due(scheduled=True, limit=BATCH - len(claimed))


def _due(*, scheduled: bool, limit: int) -> list[Enrollment]:
    return list(
        Enrollment.objects.due(timezone.now(), scheduled=scheduled)
        .annotate(plans_are_open=ARE_OPEN, house_zone=HOUSE_ZONE)
        .select_related("contact", "event", "awaited", "flow_version__sender")
        .defer("flow_version__definition", "event__decisions", "awaited__decisions")
        .select_for_update(of=("self", "contact"), skip_locked=True, no_key=True)[:limit]
    )


def advance(enrollments: Sequence[Enrollment], *, at: datetime) -> None:
    """Run steps until each enrollment waits again or ends. The number of statements is constant.

    Whom a migration plan concerns is moved first, and walks when it is claimed again: it is still due.
    """
    walking = without_moved(enrollments, at=at)
    past = recall(((of_version(one.flow_version), one.contact_id) for one in walking), at=at)
    had = mails_had(walking)
    walked = [_go_on(one, past[one.contact_id], had.get(one.pk, NONE), at) for one in walking]
    record(walked, at=at)
    sql.update(Enrollment, [{"id": one.enrollment_id, **place(one.walk, at)} for one in walked])
    announce(walked)


def _go_on(enrollment: Enrollment, history: History, had: MailsHad, at: datetime) -> Walked:
    house_zone: str | None = enrollment.house_zone  # type: ignore[attr-defined]  # By `_due`.
    facts = facts_of(enrollment.event, enrollment.contact, history, house_zone, enrollment.awaited)
    definition = of_version(enrollment.flow_version)
    if enrollment.waits_until and enrollment.waits_until > at:
        walked = look(Rest.of(enrollment), definition.endings, facts, at)
    else:
        walked = walk(
            definition.steps,
            start=enrollment.step_key,
            visits=enrollment.visits,
            facts=facts,
            at=at,
            had=had,
            rests_since=enrollment.rests_since,
            endings=definition.endings,
            is_late=definition.is_late(enrollment.goes_on_at or at, at),
        )
    return Walked(enrollment.pk, enrollment.flow_version, enrollment.contact, facts, walked)
