"""Tell apart: keep each open and click as it was told, and write down which of them a person made."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from automation.core import sql
from automation.delivery.count import Fact, count
from automation.delivery.machines import Engaged, judge
from automation.delivery.models import Counted, Engagement, Message
from automation.delivery.stamp import Report, Stage
from automation.delivery.standing import Standing

# Of one message. Who opens a mail more often tells nothing new, and all of it is judged each time.
MAX_KEPT = 500

Pair = tuple[Report, Standing | None]


class Verdicts(NamedTuple):
    """What was found out."""

    signs: Mapping[UUID, Sequence[str]]  # Of a machine, for each open and click told; none: a person's.
    people: Mapping[int, datetime]  # When a person last opened or clicked: of each contact concerned.


def tell_apart(told: Sequence[Pair]) -> Verdicts:
    """Judge what is told of opens and clicks, and once more what is known, if it now looks otherwise.

    In the transaction that has stamped, and so locked, the messages. Idempotent, in whatever order things are told:
    all that is known of a message is judged together. Five statements at most; none if nobody has opened or clicked.
    """
    messages = {message.id: message for report, message in told if message and _concerns(report, message)}
    if not messages:
        return Verdicts({}, {})
    known = list(Engagement.objects.filter(message__in=messages))
    by_message: dict[UUID, dict[UUID, Engaged]] = defaultdict(dict)
    for row in known:
        by_message[row.message_id][row.pk] = row.as_told
    new = _new(told, by_message)
    for message_id, engaged in new.items():
        by_message[message_id] |= engaged
    signs: dict[UUID, list[str]] = {}
    for message_id, engaged in by_message.items():
        signs |= judge(list(engaged.values()), messages[message_id].delivered_at)
    _write([(messages[message_id], list(engaged.values())) for message_id, engaged in new.items()], known, signs)
    _stamp({messages[key]: list(engaged.values()) for key, engaged in by_message.items()}, signs)
    return Verdicts(signs, _people(told, signs))


def _concerns(report: Report, message: Standing) -> bool:
    """An open or click; or the news of when it was delivered, after one."""
    seen = message.opened_at or message.clicked_at
    return report.engaged is not None or (report.stage is Stage.DELIVERED and seen is not None)


def _new(told: Iterable[Pair], known: Mapping[UUID, Mapping[UUID, Engaged]]) -> dict[UUID, dict[UUID, Engaged]]:
    """What is told of each message and not known yet, as long as there is room for more."""
    new: dict[UUID, dict[UUID, Engaged]] = defaultdict(dict)
    for report, message in told:
        if not (message and report.engaged):
            continue
        is_known = report.engaged.key in known[message.id]
        if not is_known and len(known[message.id]) + len(new[message.id]) < MAX_KEPT:
            new[message.id][report.engaged.key] = report.engaged
    return new


def _write(
    new: Iterable[tuple[Standing, Sequence[Engaged]]], known: Sequence[Engagement], signs: Mapping[UUID, list[str]]
) -> None:
    rows = [_row(message, one, signs[one.key]) for message, engaged in new for one in engaged]
    sql.insert(Engagement, rows, conflict="id")
    changed = [row for row in known if signs[row.pk] != row.signs]
    sql.update(Engagement, [{"id": row.pk, "signs": signs[row.pk]} for row in changed])


def _row(message: Standing, one: Engaged, signs: list[str]) -> dict[str, object]:
    is_erased = not message.to_email  # Then nothing that could name the person comes back by this way.
    return {
        "id": one.key,
        "message_id": message.id,
        "is_click": one.is_click,
        "at": one.at,
        "url": "" if is_erased else one.url,
        "agent": "" if is_erased else one.agent,
        "flagged": one.flagged,
        "signs": signs,
    }


def _stamp(engaged: Mapping[Standing, Sequence[Engaged]], signs: Mapping[UUID, list[str]]) -> None:
    """When a person first opened and clicked, on the message; and the difference that it makes, in the tallies."""
    changed = []
    for message, all_of_it in engaged.items():
        people = [one for one in all_of_it if not signs[one.key]]
        opened = min((one.at for one in people if not one.is_click), default=None)
        clicked = min((one.at for one in people if one.is_click), default=None)
        if (opened, clicked) != (message.human_opened_at, message.human_clicked_at):
            changed.append((message, message._replace(human_opened_at=opened, human_clicked_at=clicked)))
    sql.update(
        Message,
        [
            {"id": now.id, "human_opened_at": now.human_opened_at, "human_clicked_at": now.human_clicked_at}
            for _, now in sorted(changed, key=lambda pair: pair[1].id)
        ],
    )
    count(fact for before, now in changed for fact in _facts(before, now))


def _facts(before: Standing, now: Standing) -> Iterator[Fact]:
    """Less by one where what was taken for a person turns out a machine."""
    changes = {
        Counted.HUMAN_OPENED: bool(now.human_opened_at) - bool(before.human_opened_at),
        Counted.HUMAN_CLICKED: bool(now.human_clicked_at) - bool(before.human_clicked_at),
    }
    for what, number in changes.items():
        if number:
            yield Fact(what, now.account_id, now.sender_id, now.flow_id, number)


def _people(told: Iterable[Pair], signs: Mapping[UUID, list[str]]) -> dict[int, datetime]:
    people: dict[int, datetime] = {}
    for report, message in told:
        if message and message.contact_id and report.engaged and signs.get(report.engaged.key) == []:
            people[message.contact_id] = max(report.at, people.get(message.contact_id, report.at))
    return people
