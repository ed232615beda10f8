"""Which mails those who were moved to another version had before: it does not send them again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db import connection

from automation.enrollments.models import Enrollment

# What the step run says of a mail that is passed over for that.
HAD: Final = "had it already"

# Whatever a message has come to, short of our own choice not to send it, may have reached the contact or may yet.
# The unique index finds an enrollment's messages by the beginning of their keys.
_MAILS_HAD = """
SELECT e.id, m.step_key, version.template_id
FROM automation_enrollment AS e
JOIN automation_message AS m
    ON m.dedupe_key >= e.id::text || ':' COLLATE "C" AND m.dedupe_key < e.id::text || ';' COLLATE "C"
JOIN templates_app_templateversion AS version ON version.id = m.template_version_id
WHERE e.id = ANY(%(ids)s::uuid[]) AND m.created_at <= e.moved_at AND m.status <> 'withheld'
UNION ALL
SELECT e.id, r.step_key, NULL
FROM automation_enrollment AS e
JOIN automation_steprun AS r ON r.enrollment_id = e.id AND r.ran_at > e.moved_at AND r.result->>'passed_over' = %(had)s
WHERE e.id = ANY(%(ids)s::uuid[])
"""


@dataclass(slots=True)
class MailsHad:
    steps: set[str] = field(default_factory=set)
    templates: set[int] = field(default_factory=set)
    passed_over: set[str] = field(default_factory=set)  # Steps, since the move, for that reason.

    def repeats(self, step_key: str, template_id: int) -> bool:
        """Would the step mail what was had before? Only the first time: a step in a loop mails anew each time round."""
        had = step_key in self.steps or template_id in self.templates
        return had and step_key not in self.passed_over


NONE: Final = MailsHad()


def mails_had(enrollments: Sequence[Enrollment]) -> Mapping[UUID, MailsHad]:
    """By enrollment, of those that were moved. One statement; none if nobody was."""
    moved = [one.pk for one in enrollments if one.moved_at]
    if not moved:
        return {}
    found: dict[UUID, MailsHad] = defaultdict(MailsHad)
    with connection.cursor() as cursor:
        cursor.execute(_MAILS_HAD, {"ids": moved, "had": HAD})
        for enrollment_id, step_key, template_id in cursor.fetchall():
            had = found[enrollment_id]
            if template_id is None:
                had.passed_over.add(step_key)
            else:
                had.steps.add(step_key)
                had.templates.add(template_id)
    return found
