"""How messages stand: the little of them that reports change, and that whoever tells of them wants to know."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from automation.delivery.models import Attempt


class Standing(NamedTuple):
    """One message as it stands."""

    id: UUID
    account_id: int
    sender_id: int
    contact_id: int | None
    to_email: str
    flow_id: int | None
    flow_key: str | None
    step_key: str
    template_key: str
    topic_key: str | None
    status: str
    reason: str
    attempts: int
    esp_message_id: str
    uncertain_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None
    human_opened_at: datetime | None
    human_clicked_at: datetime | None
    bounced_at: datetime | None
    complained_at: datetime | None


def find_standings(ids: Collection[UUID]) -> list[Standing]:
    """The messages of these ids. One statement, no lock."""
    return _fetch(f"{_SELECT} WHERE m.id = ANY(%s::uuid[])", [list(ids)])


def lock_standings(ids: Collection[UUID], esp_message_ids: Collection[str]) -> list[Standing]:
    """The messages of these ids and of these ids of the ESP, locked in the order of their (our) ids. One statement.

    Whoever locks several messages and waits for them does it in this order, so that no two can deadlock.
    """
    return _fetch(_LOCK, [list(ids), list(esp_message_ids)])


def tried_by(ids: Collection[UUID]) -> set[tuple[UUID, int]]:
    """These messages, each with every account that it was tried with. One statement; no ids, none."""
    tried = Attempt.objects.filter(message__in=ids)
    return set(tried.values_list("message_id", "account_id")) if ids else set()


def _fetch(statement: str, params: list[Any]) -> list[Standing]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return [Standing(*row) for row in cursor.fetchall()]


_SELECT = """
SELECT m.id, m.account_id, m.sender_id, m.contact_id, m.to_email, flow.id, flow.key, m.step_key, template.key,
       topic.key, m.status, m.reason, m.attempts, m.esp_message_id, m.uncertain_at, m.sent_at,
       m.delivered_at, m.opened_at, m.clicked_at, m.human_opened_at, m.human_clicked_at,
       m.bounced_at, m.complained_at
FROM automation_message AS m
JOIN templates_app_templateversion AS template_version ON template_version.id = m.template_version_id
JOIN templates_app_template AS template ON template.id = template_version.template_id
LEFT JOIN automation_flowversion AS flow_version ON flow_version.id = m.flow_version_id
LEFT JOIN automation_flow AS flow ON flow.id = flow_version.flow_id
LEFT JOIN suppression_topic AS topic ON topic.id = m.topic_id
"""

# `<> ''` lets the planner use the partial index message_esp_id.
_LOCK = f"""
{_SELECT}
WHERE m.id = ANY(%s::uuid[]) OR (m.esp_message_id = ANY(%s::text[]) AND m.esp_message_id <> '')
ORDER BY m.id
FOR NO KEY UPDATE OF m
"""
