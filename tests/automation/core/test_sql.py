"""Writing many rows in one statement."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from django.db import DataError, IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from automation.core import sql
from automation.core.ids import new_id
from automation.models import Attempt, Event, FlowVersion, Message
from tests.factories import make_contact, make_event_type, make_live_flow, make_message

pytestmark = pytest.mark.django_db

TEXTS = [
    "",
    "plain",
    "NULL",
    "null",
    "{}",
    '{a,"b"}',
    "it's",
    '"quoted"',
    "back\\slash \\n \\u0041",
    "a\nb\tc\x7f",
    "%s %% %(a)s",
    "emoji 🎩 and é and e\u0301",
    "x" * 10_000,
]
JSON = [
    {},
    [],
    {"a": None, "b": [None, True, 1, 1.5, "x"], "": {"c": {}}},
    [[], [[None]]],
    "text",
    0,
    False,
    {"text": "it's \\ \" 🎩 %s"},
    {"large": 2**63 - 1, "larger": 10**30, "small": 1e-9},
]
INSTANTS = [
    datetime(2026, 11, 24, 3, 4, 5, 123456, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=5, minutes=45))),
]


@pytest.fixture
def event_row():
    """Makes the fields of an event: those of every kind that our models have."""
    kind, contact = make_event_type(), make_contact()

    def make(**fields):
        return {
            "id": new_id(),
            "event_type_id": kind.pk,
            "contact_id": contact.pk,
            "occurred_at": INSTANTS[0],
            "payload": {},
            "metadata": {},
            "content_hash": b"0" * 32,
            "received_at": INSTANTS[0],
            "status": "new",
            "due_at": INSTANTS[0],
            "attempts": 0,
            "failure": "",
            "decisions": [],
            **fields,
        }

    return make


def values_of(model, ids, field):
    stored = model.objects.in_bulk(ids)
    return [getattr(stored[key], field) for key in ids]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("failure", TEXTS),
        ("payload", JSON),
        ("decisions", JSON),
        ("occurred_at", INSTANTS),
        ("attempts", [0, 1, 32767]),
    ],
)
def test_values_come_back_as_they_were_inserted(event_row, field, values):
    rows = [event_row(**{field: value}) for value in values]

    sql.insert(Event, rows)

    assert values_of(Event, [row["id"] for row in rows], field) == values


@pytest.mark.parametrize("field", ["failure", "payload", "occurred_at"])
def test_values_come_back_as_they_were_updated(event_row, field):
    values = {"failure": TEXTS, "payload": JSON, "occurred_at": INSTANTS}[field]
    rows = [event_row() for _ in values]
    sql.insert(Event, rows)

    sql.update(Event, [{"id": row["id"], field: value} for row, value in zip(rows, values, strict=True)])

    assert values_of(Event, [row["id"] for row in rows], field) == values


def test_bytes_come_back_as_they_were(event_row):
    values = [b"", b"\0\xff\\'\"", bytes(range(32))]
    rows = [event_row(content_hash=value) for value in values]

    sql.insert(Event, rows)

    assert [bytes(value) for value in values_of(Event, [row["id"] for row in rows], "content_hash")] == values


def test_where_every_value_is_none_the_columns_are_null():
    messages = [make_message(lease_until=INSTANTS[0], marks_epoch=5, claimed_at=INSTANTS[0]) for _ in range(3)]

    sql.update(
        Message, [{"id": one.pk, "lease_until": None, "marks_epoch": None, "claimed_at": None} for one in messages]
    )

    assert set(Message.objects.values_list("lease_until", "marks_epoch", "claimed_at")) == {(None, None, None)}


def test_booleans_large_numbers_and_none_beside_values_come_back():
    messages = [make_message() for _ in range(3)]
    values = [(True, 2**32 - 1), (False, None), (True, -1)]

    sql.update(
        Message,
        [
            {"id": one.pk, "call_begun": begun, "marks_epoch": epoch}
            for one, (begun, epoch) in zip(messages, values, strict=True)
        ],
    )

    ids = [one.pk for one in messages]
    assert values_of(Message, ids, "call_begun") == [begun for begun, _ in values]
    assert values_of(Message, ids, "marks_epoch") == [epoch for _, epoch in values]


def test_keys_that_the_database_counts_are_left_to_it():
    message = make_message()
    rows = [
        {
            "message_id": message.pk,
            "number": number,
            "account_id": message.account_id,
            "outcome": "accepted",
            "status_code": None,
            "detail": "",
            "began_at": INSTANTS[0],
            "ended_at": INSTANTS[0],
        }
        for number in (1, 2)
    ]

    returned = sql.insert(Attempt, rows, returning="id, number")

    assert sorted(returned) == sorted(Attempt.objects.values_list("id", "number"))


def test_a_conflict_skips_the_row_and_only_what_was_inserted_is_returned(event_row):
    known, new = event_row(failure="first"), event_row()
    sql.insert(Event, [known])

    returned = sql.insert(Event, [{**known, "failure": "second"}, new], conflict="id", returning="id, status")

    assert returned == [(new["id"], "new")]
    assert type(returned[0][0]) is UUID
    assert Event.objects.get(pk=known["id"]).failure == "first"


def test_without_being_told_to_skip_a_conflict_is_an_error(event_row):
    row = event_row()
    sql.insert(Event, [row])

    with pytest.raises(IntegrityError):
        sql.insert(Event, [row])


def test_of_equal_rows_in_one_batch_one_is_inserted(event_row):
    row = event_row()

    assert len(sql.insert(Event, [row, row], conflict="id", returning="id")) == 1


def test_an_update_touches_no_other_row_and_no_other_column(event_row):
    rows = [event_row(payload={"n": n}) for n in range(3)]
    sql.insert(Event, rows)

    sql.update(Event, [{"id": rows[1]["id"], "failure": "x"}, {"id": new_id(), "failure": "nobody"}])

    assert values_of(Event, [row["id"] for row in rows], "failure") == ["", "x", ""]
    assert values_of(Event, [row["id"] for row in rows], "payload") == [{"n": n} for n in range(3)]


def test_an_update_of_a_few_rows_does_not_read_all_of_a_small_table(event_row):
    rows = [event_row() for _ in range(3_000)]
    sql.insert(Event, rows)

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE automation_event")
    with CaptureQueriesContext(connection) as asked:
        sql.update(Event, [{"id": row["id"], "failure": "x"} for row in rows[:3]])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked[0]['sql']}")
        plan = str(cursor.fetchall())

    assert "automation_event_pkey" in plan
    assert "Seq Scan" not in plan


def test_rows_may_name_their_fields_in_any_order(event_row):
    first, second = event_row(failure="a", status="new"), event_row(failure="b", status="decided")

    sql.insert(Event, [first, dict(reversed(second.items()))])

    assert values_of(Event, [first["id"], second["id"]], "failure") == ["a", "b"]


def test_without_rows_there_is_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert sql.insert(Event, [], returning="id") == []
        sql.update(Event, [])


def test_a_batch_of_any_size_is_one_statement_of_the_same_text(event_row):
    def statements_for(count):
        rows = [event_row(payload={"n": n}) for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            sql.insert(Event, rows, conflict="id", returning="id")
            sql.update(Event, [{"id": row["id"], "failure": "x"} for row in rows])
        return [query["sql"].partition("json_to_recordset")[0] for query in captured]

    assert statements_for(1) == statements_for(100)
    assert len(statements_for(2)) == 2


def test_a_statement_is_made_once():
    fields = ("id", "failure", "payload")

    assert sql._update_statement(Event, fields) is sql._update_statement(Event, fields)


def test_what_postgresql_cannot_keep_is_the_rows_fault(event_row):
    with pytest.raises(DataError):
        sql.insert(Event, [event_row(payload={"a": "b\0"})])


def test_columns_whose_names_are_words_of_sql_are_no_trouble():
    version = make_live_flow().live_version
    message = make_message()

    sql.update(Message, [{"id": message.pk, "values": {"a": 1}, "language": "pt"}])
    [(number,)] = sql.insert(
        FlowVersion,
        [
            {
                "flow_id": version.flow_id,
                "number": 2,
                "trigger_id": version.trigger_id,
                "lane": version.lane,
                "topic_id": version.topic_id,
                "sender_id": version.sender_id,
                "definition": version.definition,
                "content_hash": "x",
                "published_at": INSTANTS[0],
                "published_by_id": None,
            }
        ],
        returning="number",
    )

    message.refresh_from_db()
    assert (message.values, message.language, number) == ({"a": 1}, "pt", 2)
