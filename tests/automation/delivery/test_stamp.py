import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from automation.core.ids import new_id
from automation.delivery.models import Message
from automation.delivery.stamp import BOUNCES, Report, Stage, stamp, stamp_many
from automation.delivery.standing import _LOCK, Standing, find_standings
from tests.factories import make_account, make_live_flow, make_message, make_topic

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
Status = Message.Status

database = pytest.mark.django_db


def report(message: Message, stage: Stage, **fields: Any) -> Report:
    return Report(
        **{
            "account_id": message.account_id,
            "message_id": message.pk,
            "esp_message_id": "esp-1",
            "stage": stage,
            "at": NOON,
            **fields,
        }
    )


def make_standing(**fields: Any) -> Standing:
    nothing = dict.fromkeys(Standing._fields)
    known = {"status": Status.UNCERTAIN.value, "reason": "unknown: lease expired", "attempts": 1, "esp_message_id": ""}
    return Standing(**{**nothing, **known, **fields})


def reports() -> st.SearchStrategy[Report]:
    stages = [(stage, "") for stage in Stage if stage is not Stage.BOUNCED]
    kinds = st.sampled_from([*stages, *((Stage.BOUNCED, bounce) for bounce in BOUNCES)])
    times = st.integers(0, 5).map(lambda minutes: NOON + timedelta(minutes=minutes))
    return st.builds(lambda kind, at: Report(1, None, "esp-1", kind[0], at, kind[1]), kinds, times)


def after(start: Standing, told: list[Report]) -> Standing:
    for one in told:
        start = stamp(start, one)
    return start


@given(st.data(), st.sampled_from(Status), st.lists(reports(), min_size=1, max_size=8))
def test_reports_come_to_the_same_in_any_order_and_however_often_they_are_told(data, status: str, told) -> None:
    start = make_standing(status=status)
    shuffled = data.draw(st.permutations(told))
    doubled = [one for one in shuffled for _ in range(data.draw(st.integers(1, 2)))]

    assert after(start, doubled) == after(start, told)


@given(st.sampled_from(Status), st.lists(reports(), max_size=8))
def test_no_report_takes_a_message_back(status: str, told) -> None:
    order = ["sent", "delivered", "bounced", "complained"]
    standing = make_standing(status=status)

    for one in told:
        later = stamp(standing, one)

        assert later.status in order
        assert standing.status not in order or order.index(later.status) >= order.index(standing.status)
        standing = later


@pytest.mark.parametrize(
    ("stage", "status", "field"),
    [
        (Stage.SENT, Status.SENT, "sent_at"),
        (Stage.DELIVERED, Status.DELIVERED, "delivered_at"),
        (Stage.OPENED, Status.SENT, "opened_at"),
        (Stage.CLICKED, Status.SENT, "clicked_at"),
        (Stage.BOUNCED, Status.BOUNCED, "bounced_at"),
        (Stage.COMPLAINED, Status.COMPLAINED, "complained_at"),
    ],
)
@pytest.mark.parametrize("before", [Status.UNCERTAIN, Status.SENDING, Status.QUEUED, Status.FAILED])
@database
def test_whatever_proves_acceptance_settles_a_message(before, stage, status, field) -> None:
    message = make_message(status=before, reason="unknown: lease expired", lease_until=NOON, uncertain_at=NOON, fence=3)

    stamp_many([report(message, stage)])

    message.refresh_from_db()
    assert (message.status, message.reason, message.uncertain_at) == (status, "", None)
    assert message.sent_at == getattr(message, field) == NOON
    assert (message.esp_message_id, message.fence, message.lease_until) == ("esp-1", 3, NOON)
    assert message.attempts == (1 if before == Status.SENDING else 0)


@database
def test_the_kind_of_a_bounce_is_kept_and_only_a_harder_one_replaces_it() -> None:
    message = make_message(status=Status.SENT)

    for bounce, kept in [("soft_bounce", "soft_bounce"), ("block", "soft_bounce"), ("hard_bounce", "hard_bounce")]:
        stamp_many([report(message, Stage.BOUNCED, bounce=bounce)])

        message.refresh_from_db()
        assert message.reason == kept


@database
def test_a_message_is_found_by_the_esps_id_where_ours_does_not_come_back() -> None:
    message, other = make_message(esp_message_id="esp-1"), make_message(esp_message_id="esp-2")

    found = stamp_many([report(message, Stage.DELIVERED, message_id=None)])

    assert [one and one.id for one in found] == [message.pk]
    message.refresh_from_db()
    other.refresh_from_db()
    assert (message.status, other.status) == (Status.DELIVERED, Status.QUEUED)


@database
def test_a_bounce_is_told_even_if_the_message_had_been_withheld_for_one() -> None:
    message = make_message(status=Status.WITHHELD, reason="hard_bounce")

    stamp_many([report(message, Stage.BOUNCED, bounce="hard_bounce")])

    message.refresh_from_db()
    assert (message.status, message.reason) == (Status.BOUNCED, "hard_bounce")


@database
def test_an_account_has_no_say_in_the_messages_of_another() -> None:
    message = make_message(esp_message_id="esp-1")
    stranger = make_account()

    by_id = report(message, Stage.COMPLAINED, account_id=stranger.pk)
    by_esp_id = report(message, Stage.COMPLAINED, account_id=stranger.pk, message_id=None)
    found = stamp_many([by_id, by_esp_id])

    assert found == [None, None]
    message.refresh_from_db()
    assert message.status == Status.QUEUED


@database
def test_messages_come_back_in_the_order_of_their_reports_as_they_now_stand() -> None:
    topic = make_topic()
    flow = make_live_flow(topic=topic)
    first = make_message(flow_version=flow.live_version, topic=topic, step_key="hello")
    second = make_message()

    found = stamp_many(
        [
            report(second, Stage.OPENED, esp_message_id="b"),
            Report(second.account_id, new_id(), "", Stage.OPENED, NOON),
            report(first, Stage.DELIVERED, esp_message_id="a"),
        ]
    )

    assert [one and one.id for one in found] == [second.pk, None, first.pk]
    assert found[2]
    assert (found[2].flow_key, found[2].step_key, found[2].topic_key) == (flow.key, "hello", topic.key)
    assert (found[2].template_key, found[2].status) == (first.template_version.template.key, Status.DELIVERED)


@database
def test_a_batch_of_any_size_costs_three_statements_and_a_repeated_one_no_write(django_assert_num_queries) -> None:
    told = [report(make_message(), Stage.DELIVERED, esp_message_id=f"esp-{n}") for n in range(20)]

    with django_assert_num_queries(3):
        stamp_many(told)
    with django_assert_num_queries(1):
        stamp_many(told)
    with django_assert_num_queries(0):
        assert stamp_many([]) == []
    assert {one.status for one in find_standings([one.message_id for one in told if one.message_id])} == {"delivered"}


@database
def test_messages_are_found_by_indexes() -> None:
    """Of a table that autovacuum has seen empty, the planner would rather read the whole primary key than sort."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        cursor.execute(f"EXPLAIN {_LOCK}", [[new_id()] * 3, ["esp-1"] * 3])
        plan = str(cursor.fetchall())

    assert {"automation_message_pkey", "message_esp_id"} <= set(re.findall(r"\w+", plan))
