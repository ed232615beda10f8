"""The ground that all benchmarks stand on: one installation, and the sandbox's journal as their clock and count."""

import json
import os
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from django.db import connection
from django.utils import timezone

from automation.models import EspAccount, Message
from benchmarks import report, shop
from benchmarks.cpu import Meter, Pids
from benchmarks.journal import Accept, Journal
from benchmarks.run import Run
from deploy.local import probes
from deploy.local.stack import Stack
from deploy.local.topology import WORKERS

WITHIN = 120.0  # Seconds for anything to be accepted. Ten times what it takes, so that only a failure meets it.
WRITTEN_WITHIN = 10.0  # Seconds from the last accept until it is written down.
LEFT_SHOWN = 100


class Ground:
    def __init__(self, stack: Stack, *, rounds: int) -> None:
        self.stack = stack
        self.rounds = rounds
        self.figures: dict[str, float] = {}  # All that was found so far.
        self.bare: list[Run] = []  # All runs of the yardstick so far.
        self.api_key = stack.create_api_key("benchmarks", "events:write")
        self.journal = Journal(stack.journal)
        self.say = report.say
        self._set_mode()
        shop.open_shop()

    def rest(self) -> None:
        """Begin the next run from the same state: nothing left to do, statistics and visibility map up to date.

        What autovacuum and the checkpointer would do at some moment of their own is done now, so that no run bears it
        by chance.
        """
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")
            cursor.execute("CHECKPOINT")
        self.journal.skip()

    @contextmanager
    def account(self, **settings: object) -> Iterator[None]:
        """Meanwhile our account has these settings: workers see them with their next run."""
        before = EspAccount.objects.filter(key=shop.ACCOUNT).values(*settings).get()
        _set_up_account(settings)
        try:
            yield
        finally:
            _set_up_account(before)

    @contextmanager
    def mode(self, **mode: object) -> Iterator[None]:
        """Meanwhile the sandbox behaves so, to everyone."""
        self._set_mode(**mode)
        try:
            yield
        finally:
            self._set_mode()

    def _set_mode(self, **mode: object) -> None:
        """Feedback is no part of any of our figures."""
        body = json.dumps({"webhooks": {"drop": True}, **mode}).encode()
        probes.direct.open(urllib.request.Request(f"{self.stack.sandbox_url}/mode", body), timeout=5).close()

    def meter(self) -> Meter:
        """Of all of Signalpost, the sandbox, and this process as `client`."""
        parts: dict[str, Pids] = {
            part: partial(self.pids, part) for part in ("web", "beat", "postgres", "valkey", "sandbox")
        }
        parts["workers"] = partial(self.pids, *(worker.name for worker in WORKERS))
        parts["client"] = lambda: [os.getpid()]
        return Meter(parts)

    def pids(self, *programs: str) -> list[int]:
        return [pid for program in programs for pid in self.stack.process(program).pids()]

    def wait_for(self, mails: int, *, to: str = "") -> list[Accept]:
        return self.journal.wait_for(mails, within=WITHIN, to=to)

    def wait_until_written(self, *, but: Iterable[Message.Status] = ()) -> None:
        """Until the database knows of every message that it was sent, or is `but` so.

        Raises RuntimeError if any stays otherwise.
        """
        deadline = time.monotonic() + WRITTEN_WITHIN
        unsent = Message.objects.exclude(status__in=[Message.Status.SENT, *but]).values_list("status", flat=True)
        while left := list(unsent[:LEFT_SHOWN]):
            if time.monotonic() > deadline:
                raise RuntimeError(f"not all messages are sent; some are {', '.join(set(left))}")
            time.sleep(0.05)


def _set_up_account(settings: Mapping[str, object]) -> None:
    """With `updated_at`, by which a worker sees that its connections are those of other settings."""
    EspAccount.objects.filter(key=shop.ACCOUNT).update(**settings, updated_at=timezone.now())
