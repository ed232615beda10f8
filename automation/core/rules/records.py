"""The rows that a question about history counts."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.db.models import Expression, F, QuerySet, Subquery, TextField

from automation.core.json import JsonObject
from automation.core.rules.language import MAIL
from automation.core.rules.questions import Question
from automation.core.rules.seen import Columns, SeenText, Sql
from automation.core.rules.values import duration, instant

Rows = QuerySet[Any]
Where = Callable[[JsonObject], Expression]  # From a rule about an event to its condition on a row of Event.


def rows(question: Question, *, at: datetime, where: Where) -> tuple[Rows, str]:
    """What counts at `at`, of all contacts (`contact_id`), and the column that says when it was."""
    node = question.node
    found, moment = _KINDS[question.kind](node, where)
    if "within" in node:
        found = found.filter(**{f"{moment}__gt": at - duration(node["within"])})
    if "since" in node:
        found = found.filter(**{f"{moment}__gte": instant(node["since"])})
    return found, moment


def _events(node: JsonObject, where: Where) -> tuple[Rows, str]:
    # A subquery and no join: PostgreSQL then knows one type when it looks into the index event_history.
    of_type = _rows("automation.EventType").filter(name=node["did"]).values("pk")
    found = _rows("automation.Event").filter(event_type_id=Subquery(of_type))
    return (found.filter(where(node["where"])) if node.get("where") else found), "occurred_at"


def _mails(node: JsonObject, where: Where) -> tuple[Rows, str]:
    moment = MAIL[node["mail"]]
    found = _rows("automation.Message").filter(**{f"{moment}__isnull": False})
    if "template" in node:
        versions = _rows("templates_app.TemplateVersion").filter(template__key=node["template"])
        found = found.filter(template_version_id__in=versions.values("pk"))
    return found, moment


def _members(node: JsonObject, where: Where) -> tuple[Rows, str]:
    return _rows("automation.SegmentMember").filter(segment__key=node["segment"]), "since"


def _rows(model: str) -> Rows:
    """By the name, as foreign keys do it: these models stand above the language of rules."""
    return QuerySet(apps.get_model(model))


_KINDS: Final = {"did": _events, "mail": _mails, "segment": _members}

# As datetime.isoformat writes it, which leaves out a fraction of nothing.
_ISO = (
    "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS')"
    " || CASE WHEN {0} = date_trunc('second', {0}) THEN '' ELSE to_char({0}, '.US') END || '+00:00'"
)
EVENT: Final = Columns(
    {
        "id": SeenText(Sql("({0})::text", F("id"), output_field=TextField())),
        "occurred_at": SeenText(Sql(_ISO, F("occurred_at"), output_field=TextField()), moment=F("occurred_at")),
    },
    json=("payload", "metadata"),
)
