"""How many SQL statements the whole way costs: counted by PostgreSQL itself, whoever asked."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from benchmarks.events import EVENTS, post_events
from benchmarks.ground import Ground
from benchmarks.run import Figures

# A logged statement: "LOG:  statement: SELECT …" or, if it was prepared, "LOG:  execute _pg3_7: SELECT …".
_LOGGED = re.compile(r"LOG:  (?:statement|execute [^:]*):\s+(\w+)")
_TRANSACTION = {"BEGIN", "COMMIT", "ROLLBACK"}


def run(ground: Ground) -> Figures:
    """Of 5,000 events in batches of 100, heartbeats and beat's own included. BEGIN and COMMIT are counted apart."""
    log = ground.stack.log("postgres")
    with logged(), log.open() as lines:
        lines.seek(0, 2)
        post_events(ground)
        counts = Counter(_LOGGED.findall(lines.read()))
    statements = sum(count for verb, count in counts.items() if verb not in _TRANSACTION)
    return {
        "statements_per_1000": statements / EVENTS * 1_000,
        "transactions_per_1000": counts["BEGIN"] / EVENTS * 1_000,
    }


@contextmanager
def logged() -> Iterator[None]:
    """PostgreSQL logs every statement but ours. That costs, so nothing is timed meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SET log_statement = 'none'")
        for setting in ("log_statement = 'all'", "log_parameter_max_length = 0"):
            cursor.execute(f"ALTER SYSTEM SET {setting}")
        cursor.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            cursor.execute("ALTER SYSTEM RESET ALL")
            cursor.execute("SELECT pg_reload_conf()")
