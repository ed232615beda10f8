"""What a rule says of contacts in the database: the twin of evaluate.py."""

from datetime import datetime
from functools import partial
from typing import Final, NamedTuple

from django.db.models import Count, Exists, Expression, F, OuterRef, Subquery

from automation.core.json import JsonObject
from automation.core.rules.language import bounds, group_of
from automation.core.rules.operators import OPERATORS
from automation.core.rules.questions import Question, key_of
from automation.core.rules.records import EVENT, Rows, rows
from automation.core.rules.seen import ALWAYS, NEVER, NOTHING, Columns, Seen, SeenText, Sql, all_of, any_of, denied

CONTACT: Final = Columns(
    {name: SeenText(F(name)) for name in ("external_id", "email", "time_zone", "language", "region")},
    json=("attributes",),
)


class _Scope(NamedTuple):
    at: datetime
    roots: dict[str, Columns]
    few: bool = False


def condition(rule: JsonObject, *, at: datetime, few: bool = False) -> Expression:
    """The condition that `rule` puts on a contact at `at`: `Contact.objects.filter(condition(rule, at=at))`.

    `rule` must have passed `check`. There is no event at hand, so all that it reads of one is null. It raises nothing,
    whatever a contact's attributes hold. For those who do not meet it, it may be null instead of false: ask for them
    with `{"none": [rule]}`, not with `exclude`.

    `few` promises that other filters leave few contacts, or a LIMIT does: history is then looked up for each of them,
    instead of gathered for everybody first.
    """
    return _compile(rule, _Scope(at, {"contact": CONTACT}, few), wanted=True)


def event_condition(rule: JsonObject, *, at: datetime) -> Expression:
    """The condition that a rule about an event alone puts on a row of Event."""
    return _compile(rule, _Scope(at, {"event": EVENT}), wanted=True)


def _compile(rule: JsonObject, scope: _Scope, *, wanted: bool) -> Expression:
    """Where `rule` is as `wanted`. Denials go down to the leaves, where each can be said in the way that is cheap."""
    group = group_of(rule)
    if group:
        children = [_compile(child, scope, wanted=wanted is (group != "none")) for child in rule[group]]
        return (all_of if wanted is (group != "any") else any_of)(children)
    if not rule:
        return ALWAYS if wanted else NEVER
    if "field" not in rule:
        return _recalled(rule, scope, wanted=wanted)
    operator = OPERATORS[rule["op"]]
    value = operator.bind(rule["value"], scope.at) if operator.bind else rule["value"]
    holds = operator.sql(_seen(rule["field"], scope), value)
    return holds if wanted else denied(holds)


def _seen(field: str, scope: _Scope) -> Seen:
    root, *names = field.split(".")
    return scope.roots[root].seen(names) if root in scope.roots else NOTHING


def _recalled(node: JsonObject, scope: _Scope, *, wanted: bool) -> Expression:
    found, _ = rows(Question(key_of(node), node), at=scope.at, where=partial(event_condition, at=scope.at))
    at_least, at_most = bounds(node)
    parts = [_has(found, at_least, scope, wanted=wanted)]
    if at_most is not None:
        parts.append(_has(found, at_most + 1, scope, wanted=not wanted))
    return (all_of if wanted else any_of)(parts)


def _has(found: Rows, count: int, scope: _Scope, *, wanted: bool) -> Expression:
    """Does the contact have `count` of them? Never null, so that its denial may stay the anti-join that it is."""
    if count == 0:
        return ALWAYS if wanted else NEVER
    if count == 1 or scope.few:
        there_are = Exists(found.filter(contact_id=OuterRef("pk"))[count - 1 :])
        return Sql("{0}" if wanted else "NOT {0}", there_are)
    # Grouped below another SELECT: PostgreSQL can make it one hashed join of it, and where it cannot, as below an OR,
    # look into the index for each contact.
    many = found.values("contact_id").annotate(count=Count("*")).filter(count__gte=count).values("contact_id")
    template = "EXISTS (SELECT FROM {0} AS many WHERE many.contact_id = {1})"
    return Sql(template if wanted else f"NOT {template}", Subquery(many), F("pk"))
