"""What a rule says of contacts in the database: the twin of evaluate.py."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from django.db.models import Expression, F

from automation.core.json import JsonObject
from automation.core.rules.language import group_of
from automation.core.rules.operators import OPERATORS
from automation.core.rules.seen import ALWAYS, NEVER, NOTHING, Seen, SeenText, View, all_of, any_of, below, denied


def condition(rule: JsonObject, *, at: datetime) -> Expression:
    """The condition that `rule` puts on a contact at `at`: `Contact.objects.filter(condition(rule, at=at))`.

    `rule` must have passed `check`. There is no event at hand, so all that it reads of one is null. It raises nothing,
    whatever a contact's attributes hold. For the others it may be null instead of false: ask for them with
    `{"none": [rule]}`, not with `exclude`.
    """
    return _compile(rule, at, {"contact": _CONTACT}, wanted=True)


def _compile(rule: JsonObject, at: datetime, roots: Mapping[str, View], *, wanted: bool) -> Expression:
    """Where `rule` is as `wanted`. Denials go down to the leaves, where each can be said in the way that is cheap."""
    group = group_of(rule)
    if group:
        children = [_compile(child, at, roots, wanted=wanted is (group != "none")) for child in rule[group]]
        return (all_of if wanted is (group != "any") else any_of)(children)
    if not rule:
        return ALWAYS if wanted else NEVER
    operator = OPERATORS[rule["op"]]
    holds = operator.sql(_seen(rule["field"], roots), operator.bind(rule["value"], at))
    return holds if wanted else denied(holds)


def _seen(field: str, roots: Mapping[str, View]) -> Seen:
    root, *names = field.split(".")
    return roots[root](names) if root in roots else NOTHING


def _view(texts: Mapping[str, Expression | F], json: Collection[str]) -> View:
    def seen(names: list[str]) -> Seen:
        column, *rest = names
        if column in json:
            return below(F(column), rest)
        return SeenText(texts[column]) if column in texts and not rest else NOTHING

    return seen


_CONTACT: Final = _view(
    {name: F(name) for name in ("external_id", "email", "time_zone", "language", "region")}, {"attributes"}
)
