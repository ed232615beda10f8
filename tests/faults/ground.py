"""The ground that cases stand on: a stack, what they may do to it, and what they promised of it."""

import os
import subprocess
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
import redis

from deploy.local import topology
from deploy.local.services import Broker
from deploy.local.stack import Stack
from deploy.local.topology import WORKERS, Worker
from tests.outside import Outside, wait_until

CONFIGURATION = Path(__file__).with_name("faults.yaml")
# Leases must outlast a call, so they are hardly shorter than in production. Most cases wait for some to run out.
LEASE_S = 45
EXTRA = (Worker("deliver-3", ("deliver.triggered",)), Worker("deliver-4", ("deliver.triggered",)))
EVERYONE = tuple(worker.name for worker in WORKERS)
DELIVERERS = ("deliver-fast", "deliver-bulk")
SECOND_BEAT = "beat-2"
RABBITMQCTL = "/usr/lib/rabbitmq/bin/rabbitmqctl"  # Not the wrapper on the PATH, which insists on another user.

# What logs must not hold (I6). Everybody of a case has both.
DOMAIN = "readers.example.com"
NAME = "Zenobia"

_ROWS = (
    "automation_attempt, automation_message, automation_tally, automation_steprun, automation_enrollment,"
    " automation_event, automation_contact, webhooks_inboxevent, suppression_suppression, suppression_consent"
)


@dataclass
class Promise:
    """What a case says may come of it. All else is a breach."""

    messages: int = 0
    may_fail: int = 0
    may_be_withheld: int = 0
    may_be_uncertain: int = 0


@dataclass
class Ground:
    stack: Stack
    outside: Outside
    broker: Broker
    promise: Promise = field(default_factory=Promise)
    notes: list[str] = field(default_factory=list)

    # --- what a backend service does --------------------------------------------------------------------------------

    def post(self, event_type: str, count: int, *, name: str = NAME, local: str = "reader") -> None:
        """As many new contacts, and an event of each: one mail to each is owed from now on."""
        label = uuid.uuid4().hex[:6]
        self.contacts([(f"{label}-{number}", f"{local}-{label}-{number}@{DOMAIN}", name) for number in range(count)])
        self.events(event_type, [f"{label}-{number}" for number in range(count)])

    def contacts(self, people: list[tuple[str, str, str]]) -> None:
        """Written past the API, which would refuse some of them: (external id, address, name)."""
        with self.outside.database() as connection, connection.transaction(), connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO automation_contact"
                " (external_id, email, attributes, time_zone, language, region, created_at, updated_at)"
                " VALUES (%s, %s, jsonb_build_object('name', %s::text), '', '', '', now(), now())",
                people,
            )

    def events(self, event_type: str, external_ids: list[str]) -> None:
        for start in range(0, len(external_ids), 500):
            batch = [
                {
                    "event_id": str(uuid.uuid4()),
                    "event_type": event_type,
                    "user_id": external_id,
                    "payload": {"number": start + number},
                }
                for number, external_id in enumerate(external_ids[start : start + 500])
            ]
            self.outside.post_batch(batch)
            self.promise.messages += len(batch)

    # --- what can be seen -------------------------------------------------------------------------------------------

    def accepted(self, account: str | None = None) -> set[str]:
        """Ids of the messages that the ESP has accepted so far."""
        return {one["our_id"] for one in self.outside.accepted() if account in (None, one["account"])}

    def statuses(self) -> Counter[str]:
        rows = self.outside.rows("SELECT status, count(*) FROM automation_message GROUP BY status")
        return Counter(dict(rows))

    def having(self, status: str) -> set[str]:
        rows = self.outside.rows("SELECT id::text FROM automation_message WHERE status = %s", status)
        return {row[0] for row in rows}

    def claimed_and_not_begun(self) -> set[str]:
        """Those without a begin mark, as automation/delivery/marks.py keeps it."""
        claims = self.outside.rows("SELECT id, fence FROM automation_message WHERE status = 'sending'")
        with redis.Redis.from_url(self.stack.env["REDIS_URL"], socket_timeout=10) as client:
            return {str(id_) for id_, fence in claims if not client.exists(f"mark:{id_.hex}:{fence}")}

    def wait_for_accepts(self, count: int, *, seconds: float = 60) -> None:
        wait_until(lambda: len(self.accepted()) >= count, seconds=seconds, what=f"{count} accepts")

    def wait_for_messages(self, *, seconds: float = 60) -> None:
        """Until every event has become a message."""
        what = f"{self.promise.messages} messages"
        wait_until(lambda: self.statuses().total() >= self.promise.messages, seconds=seconds, what=what)

    def is_drained(self) -> bool:
        [(open_,)] = self.outside.rows(
            "SELECT (SELECT count(*) FROM automation_message WHERE status IN ('queued', 'sending'))"
            " + (SELECT count(*) FROM automation_event WHERE status = 'new')"
            " + (SELECT count(*) FROM automation_enrollment WHERE status = 'active')"
        )
        return bool(open_ == 0)

    def is_written_down(self) -> bool:
        """No attempt is left that only its worker, alive or dead, knows of."""
        return not self.outside.rows("SELECT FROM automation_message WHERE lease_until IS NOT NULL LIMIT 1")

    # --- what can be done -------------------------------------------------------------------------------------------

    def mode(self, **mode: Any) -> None:
        self.outside.set_mode(**mode)

    def pace(self, rate: float) -> None:
        """So many mails a second by each account."""
        self.outside.rows("UPDATE automation_espaccount SET rate_limit = %s, burst = %s RETURNING 1", rate, int(rate))
        self.forget_buckets()

    def batch_calls(self) -> None:
        """From now on, many mails in one call."""
        self.outside.rows("UPDATE automation_espaccount SET batch_calls = TRUE, updated_at = now() RETURNING 1")

    @contextmanager
    def nobody_delivers(self) -> Iterator[None]:
        """What is posted meanwhile is due at once afterwards, and goes out in batches if it may."""
        self.stack.stop(*DELIVERERS)
        yield
        self.wait_for_messages()
        self.stack.start(*DELIVERERS)

    def execute(self, statements: str) -> None:
        with self.outside.database() as connection:
            connection.execute(statements)

    def reset_connections(self) -> None:
        """Close every connection that the broker has with its clients."""
        if self.broker == "redis":
            with redis.Redis.from_url(self.stack.env["CELERY_BROKER_URL"], socket_timeout=10) as client:
                client.execute_command("CLIENT", "KILL", "TYPE", "normal")
        else:
            program = self.stack.process("rabbitmq").program
            env = {**os.environ, **program.env}
            command = [RABBITMQCTL, "close_all_connections", "a fault test"]
            subprocess.run(command, env=env, check=True, capture_output=True, timeout=30)

    def flush_redis(self) -> None:
        with redis.Redis.from_url(self.stack.env["REDIS_URL"], socket_timeout=10) as client:
            client.flushall()

    @contextmanager
    def second_beat(self) -> Iterator[None]:
        self.stack.start(SECOND_BEAT)
        try:
            yield
        finally:
            self.stack.stop(SECOND_BEAT)

    @contextmanager
    def four_dispatchers(self) -> Iterator[tuple[str, ...]]:
        names = tuple(worker.name for worker in EXTRA)
        self.stack.start(*names)
        try:
            yield (*DELIVERERS, *names)
        finally:
            self.stack.stop(*names)

    # --- between cases ----------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Everything runs, and nothing is left of the case before."""
        self.stack.start(*self.stack.services)
        self.stack.start(*base_application(self.stack))
        self.outside.http.post(f"{self.stack.sandbox_url}/reset", timeout=5).raise_for_status()
        wait_until(lambda: self.webhooks_waiting() == 0, seconds=60, what="webhooks of the case before")
        wait_until(self._truncated, seconds=60, what="the tables to be emptied")
        self.pace(100_000)
        self.outside.rows(
            "UPDATE automation_espaccount SET status = 'active', paused_reason = '', batch_calls = FALSE, trips = 0,"
            " open_until = now(), updated_at = now() RETURNING 1"  # The breaker is closed, as of now.
        )
        self._release_brakes()
        self.promise, self.notes = Promise(), []

    def _release_brakes(self) -> None:
        """Here, mail goes wrong on purpose."""
        for table in ("automation_espaccount", "automation_flow"):
            self.execute(
                f"UPDATE {table} SET max_error_percent = NULL, max_bounce_percent = NULL, max_block_percent = NULL,"
                " max_complaint_percent = NULL"
            )

    def webhooks_waiting(self) -> int:
        answer = self.outside.http.get(f"{self.stack.sandbox_url}/counts", timeout=5)
        return int(answer.json()["webhooks"]["waiting"])

    def forget_buckets(self) -> None:
        with redis.Redis.from_url(self.stack.env["REDIS_URL"], socket_timeout=10) as client:
            if keys := client.keys("bucket:*"):
                client.delete(*keys)

    def _truncated(self) -> bool:
        """Pumps look into these tables all the time, and must not be held up behind us."""
        with self.outside.database() as connection:
            connection.execute("SET lock_timeout = '500ms'")
            with suppress(psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                connection.execute(f"TRUNCATE {_ROWS} CASCADE")
                return True
        return False


@contextmanager
def open_ground(broker: Broker) -> Iterator[Ground]:
    """A stack of its own, all of it running. Durable, since a database that was killed must have kept its promises."""
    settings = {"DELIVERY_LEASE_S": str(LEASE_S)}
    with Stack(broker=broker, workers=(*WORKERS, *EXTRA), settings=settings) as stack:
        stack._add(replace(topology.beat(), name=SECOND_BEAT))
        keep_commit_times(stack)
        stack.prepare(CONFIGURATION)
        stack.start(*base_application(stack))
        yield Ground(stack, Outside(stack, stack.create_api_key("faults", "events:write", "contacts:write")), broker)


def base_application(stack: Stack) -> list[str]:
    return [name for name in stack.application if name not in {worker.name for worker in EXTRA}]


def keep_commit_times(stack: Stack) -> None:
    """So that I4 can compare accepts with the very moment at which an opt-out was committed."""
    with psycopg.connect(stack.env["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    stack.restart("postgres")
