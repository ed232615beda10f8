"""People's opens and clicks are told from machines', whatever comes first; both are counted, once."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest

from automation.delivery.machines import Engaged
from automation.delivery.stamp import Report, Stage, stamp_many
from automation.delivery.standing import Standing
from automation.delivery.tell_apart import Verdicts, tell_apart
from automation.models import Engagement, Message
from tests.automation.delivery.tallied import tallied
from tests.factories import make_contact, make_message

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def report(message: Message, stage: Stage, at: datetime = NOON + MINUTE, *, key: int = 0, url="", **fields) -> Report:
    engaged = Engaged(UUID(int=key or 1 + int(at.timestamp())), stage is Stage.CLICKED, at, url, "", flagged=False)
    return Report(
        message.account_id,
        message.pk,
        "esp-1",
        stage,
        at,
        engaged=engaged._replace(**fields) if stage in {Stage.OPENED, Stage.CLICKED} else None,
    )


def tell(*reports: Report) -> Verdicts:
    return tell_apart(list(zip(reports, stamp_many(reports), strict=True)))


def delivered(message: Message) -> Report:
    return report(message, Stage.DELIVERED, NOON)


def clicks_at_once(message: Message) -> list[Report]:
    return [
        report(message, Stage.CLICKED, NOON + 9 * MINUTE, key=key, url=f"https://example.com/{key}")
        for key in (7, 8, 9)
    ]


def people(message: Message) -> tuple[datetime | None, datetime | None]:
    message.refresh_from_db()
    return message.human_opened_at, message.human_clicked_at


def test_a_persons_open_and_a_machines_are_both_kept_and_told_apart() -> None:
    message = make_message(contact=make_contact())
    first, second = report(message, Stage.OPENED, NOON + timedelta(seconds=1)), report(message, Stage.OPENED)

    verdicts = tell(delivered(message), first, second)

    assert first.engaged
    assert second.engaged
    assert message.contact_id
    assert verdicts == Verdicts(
        {first.engaged.key: ["too_soon"], second.engaged.key: []}, {message.contact_id: second.at}
    )
    assert [row.signs for row in Engagement.objects.order_by("at")] == [["too_soon"], []]
    assert people(message) == (second.at, None)
    assert message.opened_at == first.at
    assert tallied() == {"accepted": 1, "delivered": 1, "opened": 1, "human_opened": 1}


def test_what_only_machines_have_opened_no_person_has() -> None:
    message = make_message(contact=make_contact())

    verdicts = tell(delivered(message), report(message, Stage.CLICKED, flagged=True))

    assert verdicts.people == {}
    assert people(message) == (None, None)
    assert tallied() == {"accepted": 1, "delivered": 1, "clicked": 1}


@pytest.mark.parametrize("order", list(permutations(range(5)))[::7])
def test_all_links_at_once_are_a_machines_even_if_each_is_told_alone(order: tuple[int, ...]) -> None:
    message = make_message(contact=make_contact())
    mine = report(message, Stage.CLICKED, NOON + 5 * MINUTE)
    reports = [delivered(message), mine, *clicks_at_once(message)]

    for index in order:
        tell(reports[index])
        tell(reports[index])

    assert people(message) == (None, mine.at)
    assert sorted(row.signs for row in Engagement.objects.all()) == [[], *[["links_at_once"]] * 3]
    assert tallied() == {"accepted": 1, "delivered": 1, "clicked": 1, "human_clicked": 1}


def test_who_was_taken_for_a_person_may_turn_out_a_machine() -> None:
    message = make_message(contact=make_contact())
    first, *others = clicks_at_once(message)

    tell(first)
    assert (people(message), tallied()["human_clicked"]) == ((None, first.at), 1)
    tell(*others)
    assert people(message) == (None, None)
    assert tallied() == {"accepted": 1, "clicked": 1}


def test_a_delivery_that_is_told_late_shows_that_an_open_was_too_soon() -> None:
    message = make_message(contact=make_contact())
    opened = report(message, Stage.OPENED, NOON + timedelta(seconds=2))
    tell(opened)
    assert people(message) == (opened.at, None)

    tell(delivered(message))

    assert people(message) == (None, None)
    assert Engagement.objects.get().signs == ["too_soon"]
    assert tallied() == {"accepted": 1, "delivered": 1, "opened": 1}


def test_nothing_is_kept_of_mail_that_is_not_ours_and_nobody_is_engaged_without_a_contact() -> None:
    erased, unknown = make_message(contact=None), make_message()
    stranger = report(unknown, Stage.OPENED)._replace(message_id=UUID(int=3), esp_message_id="esp-3")

    assert tell(stranger) == Verdicts({}, {})
    assert tell(report(erased, Stage.OPENED)).people == {}


def test_so_many_are_kept_of_one_message_and_no_more(monkeypatch) -> None:
    monkeypatch.setattr("automation.delivery.tell_apart.MAX_KEPT", 3)
    message, other = make_message(contact=make_contact()), make_message()
    opens = [report(message, Stage.OPENED, NOON + number * MINUTE) for number in range(1, 6)]

    verdicts = tell(*opens[:2], report(other, Stage.OPENED))
    verdicts = tell(*opens)

    assert Engagement.objects.filter(message=message).count() == 3
    assert [one.engaged.key in verdicts.signs for one in opens if one.engaged] == [True, True, True, False, False]
    assert people(message) == (NOON + MINUTE, None)
    assert tallied()["human_opened"] == 2


def test_of_somebody_erased_it_is_kept_that_there_was_a_click_and_not_on_what() -> None:
    message = make_message(contact=make_contact(), to_email="")

    tell(report(message, Stage.CLICKED, url="https://example.com/?name=ana", agent="curl/8"))

    kept = Engagement.objects.get()
    assert (kept.url, kept.agent, kept.signs) == ("", "", ["agent"])


def test_the_number_of_statements_does_not_depend_on_the_batch(django_assert_num_queries) -> None:
    def batch(size: int) -> list[tuple[Report, Standing | None]]:
        messages = [make_message(contact=make_contact()) for _ in range(size)]
        for number, message in enumerate(messages):
            tell(
                clicks_at_once(message)[0]._replace(
                    engaged=Engaged(UUID(int=99 + size * 1000 + number), True, NOON, "", "", False)
                )
            )
        reports = [
            report(message, Stage.OPENED, key=5_000_000 + size * 10_000 + number * 10)
            for number, message in enumerate(messages)
        ] + [delivered(message) for message in messages]
        return list(zip(reports, stamp_many(reports), strict=True))

    for size in (1, 20):
        pairs = batch(size)
        with django_assert_num_queries(5):  # What is known; the new, the changed, the messages, the tallies.
            tell_apart(pairs)


def test_without_opens_and_clicks_it_costs_nothing(django_assert_num_queries) -> None:
    pairs = [(delivered(message), stamp_many([delivered(message)])[0]) for message in (make_message(), make_message())]

    with django_assert_num_queries(0):
        tell_apart(pairs)
