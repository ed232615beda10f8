"""A connection in steady use is not tried before each request; one that failed is tried before the next."""

from unittest.mock import Mock

import pytest
from django.db import OperationalError, close_old_connections, connection, transaction
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
