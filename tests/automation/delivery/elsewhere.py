"""Something that happens at the same time, on a connection of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection

from tests.outside import wait_until


@contextmanager
def elsewhere(call: Callable[[], Any]) -> Iterator[Future[Any]]:
    """Begin it; within, it has come to wait for a lock of ours or to its end. Afterwards it has ended, and raises."""

    def run() -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '10s'")
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        future = threads.submit(run)
        wait_until(lambda: future.done() or _somebody_waits(), what="to wait for a lock, or to end")
        yield future
    future.result()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # Within a transaction, PostgreSQL would show the same again.
        cursor.execute(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' LIMIT 1"
        )
        return cursor.fetchone() is not None
