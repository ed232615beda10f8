"""A connection in steady use is not tried before each request; one that failed is, before the next. Times are UTC."""

from datetime import UTC, datetime
from unittest.mock import Mock

import pytest
from django.db import DataError, OperationalError, close_old_connections, connection, transaction
from psycopg.pq import TransactionStatus

from config.postgresql import base

pytestmark = pytest.mark.django_db(transaction=True)


def make_doubtful(monkeypatch) -> None:
    connection.ensure_connection()  # A new one is believed in.
    monkeypatch.setattr(connection, "_believed_until", 0.0)


def asks_before_use(monkeypatch) -> bool:
    ask = Mock(wraps=connection.is_usable)
    with monkeypatch.context() as patch:
        patch.setattr(connection, "is_usable", ask)
        close_old_connections()  # As Django does when a request begins.
        with connection.cursor() as cursor:
            cursor.execute("SELECT 2")
    return ask.called


def test_it_is_tried_once_in_a_while(monkeypatch):
    make_doubtful(monkeypatch)

    assert asks_before_use(monkeypatch)
    assert not asks_before_use(monkeypatch)


def test_a_transaction_may_outlast_the_belief(monkeypatch):
    monkeypatch.setattr(base, "BELIEVED_S", 0.05)
    make_doubtful(monkeypatch)
    assert asks_before_use(monkeypatch)

    for _ in range(3):
        close_old_connections()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.04)")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id_if_assigned()")

    assert connection.connection.info.transaction_status == TransactionStatus.IDLE


def test_of_a_server_that_went_away_one_request_at_most_suffers(monkeypatch):
    monkeypatch.setattr(base, "BELIEVED_S", 3600.0)
    make_doubtful(monkeypatch)
    assert asks_before_use(monkeypatch)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [gone] = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [gone])
    other.close()

    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT 1")

    close_old_connections()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24 23:34:40.120003+00", datetime(2026, 11, 24, 23, 34, 40, 120_003, tzinfo=UTC)),
        ("2026-11-24 23:34:40.12+00", datetime(2026, 11, 24, 23, 34, 40, 120_000, tzinfo=UTC)),
        ("2026-07-01 12:00:00+02", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("1890-01-01 00:00:00-00:36:45", datetime(1890, 1, 1, 0, 36, 45, tzinfo=UTC)),
        ("0001-01-01 00:00:00+00", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31 23:59:59.999999+00", datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
    ],
)
def test_times_are_read_as_they_are(text, expected):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz, ARRAY[%s::timestamptz], NULL::timestamptz", [text, text])
        alone, [within], nothing = cursor.fetchone()

    assert (alone, within, nothing) == (expected, expected, None)
    assert alone.tzinfo is UTC


@pytest.mark.parametrize("text", ["infinity", "-infinity", "10000-01-01 00:00:00+00", "0044-03-15 00:00:00+00 BC"])
def test_a_time_that_python_cannot_say_is_an_error(text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [text])
        with pytest.raises(DataError):
            cursor.fetchone()


def test_times_are_right_in_a_session_of_another_zone():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Europe/Lisbon'")
        cursor.execute("SELECT '2026-07-01 12:00:00+02'::timestamptz")
        assert cursor.fetchone() == (datetime(2026, 7, 1, 10, tzinfo=UTC),)
