"""From a send step's wish to a message: which template version, language and values. These are pinned here."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from automation.contacts.models import Contact
from automation.core import sql
from automation.core.ids import new_id
from automation.core.json import Facts, JsonObject
from automation.core.lanes import Lane
from automation.core.wake import wake
from automation.delivery.hours import HOUSE, Later, hours_of
from automation.delivery.models import Message, Route, WarmupPlan
from automation.delivery.pinned import template_version
from automation.delivery.routes import NO_ROUTES, Mail, Routing, read_routing
from automation.delivery.warmup.hold import NO_HOLDS, TASK, WARMING_UP, Holds, read_holds
from automation.flows.models import FlowVersion
from templates_app.languages import choose_language
from templates_app.models import Template, TemplateVersion
from templates_app.values import Missing, collect

# Also tells whether there are any routes or unfinished warm-up plans, since most of the time there are none, and what
# the house says of hours.
_LIVE = f"""
SELECT id, live_version_id, EXISTS (SELECT FROM {Route._meta.db_table}),
       EXISTS (SELECT FROM {WarmupPlan._meta.db_table} WHERE status <> 'done'), {HOUSE}
FROM {Template._meta.db_table} WHERE id = ANY(%s::bigint[])
"""  # noqa: S608


class Wish(NamedTuple):
    """One enrollment's send step asks for a mail of this template."""

    enrollment_id: UUID
    step_key: str
    visit: int
    template_id: int
    flow_version: FlowVersion  # With its sender.
    contact: Contact
    facts: Facts


def compose(wishes: Sequence[Wish], *, at: datetime) -> None:
    """Write one message for each wish, in the caller's transaction; a wish granted before is passed over.

    What cannot be sent for want of an address or a value is written as withheld, with its reason; what must wait for
    a warm-up, as held; what may not go out at this hour, as due when it may. A constant number of statements.
    """
    if not wishes:
        return
    live = _read_live({wish.template_id for wish in wishes})
    routing = read_routing() if live.are_routes else NO_ROUTES
    holds = read_holds() if live.are_plans else NO_HOLDS
    rows = [_message(wish, live, routing, holds, at) for wish in wishes]
    sql.insert(Message, rows, conflict="dedupe_key")
    for lane in {row["lane"] for row in rows if row["status"] == Message.Status.QUEUED and row["due_at"] <= at}:
        wake(Lane(lane).pump)
    if holds.wake and any(row["status"] == Message.Status.HELD for row in rows):
        wake(TASK)


class _Live(NamedTuple):
    versions: Mapping[int, TemplateVersion]  # By template.
    are_routes: bool
    are_plans: bool
    house: str | None  # What the house rules say of hours.


def _read_live(template_ids: set[int]) -> _Live:
    with connection.cursor() as cursor:
        cursor.execute(_LIVE, [list(template_ids)])
        rows = cursor.fetchall()
    versions = {key: template_version(version_id) for key, version_id, *_ in rows if version_id}
    _, _, are_routes, are_plans, house = rows[0] if rows else (0, 0, False, False, None)
    return _Live(versions, are_routes, are_plans, house)


def _message(wish: Wish, live: _Live, routing: Routing, holds: Holds, at: datetime) -> JsonObject:
    version = live.versions[wish.template_id]
    values = collect(variables=version.variables, facts=wish.facts)
    contact, flow_version = wish.contact, wish.flow_version
    reason = f"missing_value: {values.name}" if isinstance(values, Missing) else "" if contact.email else "no_address"
    account_id = _account(wish, routing)
    waits = not reason and holds.hold(account_id, flow_version.sender.domain, flow_version.lane)
    status = Message.Status.WITHHELD if reason else Message.Status.HELD if waits else Message.Status.QUEUED
    later = _later(wish, live.house, at) if status is Message.Status.QUEUED else None
    if status is Message.Status.QUEUED and not later:
        routing.give(account_id)
    return {
        "id": new_id(),
        "dedupe_key": f"{wish.enrollment_id}:{wish.step_key}:{wish.visit}",
        "enrollment_id": wish.enrollment_id,
        "step_key": wish.step_key,
        "contact_id": contact.pk,
        "flow_version_id": flow_version.pk,
        "template_version_id": version.pk,
        "language": choose_language(version, contact.language),
        "values": {} if isinstance(values, Missing) else values,
        "to_email": contact.email,
        "sender_id": flow_version.sender_id,
        "topic_id": flow_version.topic_id,
        "lane": Lane(flow_version.lane).value,
        "account_id": account_id,
        "status": status.value,
        "reason": WARMING_UP if waits else later.reason if later else reason,
        "due_at": later.until if later else at,
        "attempts": 0,
        "fence": 0,
        "call_begun": False,
        "esp_message_id": "",
        "created_at": at,
        "engaged_at": contact.engaged_at if waits else None,
    }


def _later(wish: Wish, house: str | None, at: datetime) -> Later | None:
    """When the hours of its flow and of the house let it go out, if that is not at once."""
    version = wish.flow_version
    hours = hours_of(json.dumps(version.send_when) if version.send_when else None, house, version.lane)
    return hours.ask(wish.contact.time_zone, at) if hours else None


def _account(wish: Wish, routing: Routing) -> int:
    version = wish.flow_version
    account = routing.choose(Mail(version.lane, version.topic_id, version.sender_id, wish.contact.region))
    return version.sender.account_id if account is None else account
