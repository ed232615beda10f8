"""What an ESP meets that reports on 500 mails a second; and how fast the digest pump makes sense of it."""

import os
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from statistics import median
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.utils import timezone

from automation.core import sql
from automation.core.json import JsonObject
from automation.delivery.account_settings import account_settings
from automation.models import Contact, Engagement, EspAccount, Message
from benchmarks import shop
from benchmarks.client import Post, post_as
from benchmarks.events import post_events
from benchmarks.ground import Ground
from benchmarks.latency import LEAD_S, percentiles
from benchmarks.run import Figures, Run, figures_of
from webhooks.digest import BATCH, digest_due_webhooks
from webhooks.models import InboxEvent

RATE = 500  # Calls a second.
SECONDS = 10
CONNECTIONS = 16
SMALL = 10  # Calls in a small batch, whose statements a full one may not exceed.
DIGESTED_WITHIN = 120.0
# What an ESP tells of most mails, in this order.
KINDS = {"Delivery": "DeliveredAt", "Open": "ReceivedAt", "Click": "ReceivedAt"}

Mail = tuple[UUID, str]


def run(ground: Ground) -> Figures:
    post_events(ground)  # So that there are mails to report on.
    mails = list(Message.objects.filter(status=Message.Status.SENT).values_list("pk", "to_email")[: RATE * SECONDS])
    found: list[dict[str, float]] = []
    runs: list[Run] = []
    for n in range(1, ground.rounds + 1):
        one, figures = report_on(ground, mails)
        found.append(figures)
        runs.append(one)
        ground.say(f"  webhooks {n}: p99 {figures['webhook_p99_ms']:.0f} ms; {one}")
    medians = {name: median(figures[name] for figures in found) for name in found[0]}
    cpu_us = median(one.own_cpu_us for one in runs)
    share = {"webhook_500_share": RATE * cpu_us / 1e6 / len(os.sched_getaffinity(0))}
    return medians | share | figures_of("webhook", runs) | digest(ground, mails)


def report_on(ground: Ground, mails: Sequence[Mail]) -> tuple[Run, dict[str, float]]:
    """Call at that rate, open loop; meanwhile the digest pump works. A call's clock starts when it is *due*."""
    _untell()
    bodies = list(_bodies(mails))
    ground.rest()
    with ground.meter() as meter:
        began = time.time() + LEAD_S
        posts = [Post(f"/webhooks/{shop.ACCOUNT}/", body, at=began + n / RATE) for n, body in enumerate(bodies)]
        answered = post_as(ground.stack.url, _authorization(), posts, connections=CONNECTIONS)
        _wait_until_digested()
    to_answer = [at - post.at for at, post in zip(answered, posts, strict=True)]
    return Run(len(bodies), answered[-1] - began, meter), percentiles("webhook", to_answer)


def digest(ground: Ground, mails: Sequence[Mail]) -> Figures:
    """The pump alone, in this process: no worker helps, and nothing else runs."""
    ground.stack.stop("digest")
    try:
        per_s = [_timed(ground, mails) for _ in range(ground.rounds)]
        statements = {size: _statements(mails, size) for size in (SMALL, BATCH)}
    finally:
        ground.stack.start("digest")
    _untell()  # What runs after this waits until every message is sent, no more and no less.
    return {
        "digest_per_s": median(per_s),
        "digest_statements_small": statements[SMALL],
        "digest_statements_full": statements[BATCH],
    }


def _timed(ground: Ground, mails: Sequence[Mail]) -> float:
    _untell()
    _keep(mails)
    ground.rest()
    began = time.perf_counter()
    while digest_due_webhooks():
        pass
    return len(mails) / (time.perf_counter() - began)


def _statements(mails: Sequence[Mail], size: int) -> int:
    """Of one batch, but for BEGIN and COMMIT, which no wrapper sees."""
    _untell()
    _keep(mails[:size])
    with _counted() as count:
        digest_due_webhooks()
    return count.total()


def _untell() -> None:
    """As if nobody had reported on any mail yet."""
    Engagement.objects.all().delete()
    moments = ("delivered_at", "opened_at", "clicked_at", "human_opened_at", "human_clicked_at")
    Message.objects.update(status=Message.Status.SENT, **dict.fromkeys(moments))
    Contact.objects.update(engaged_at=None)


def _keep(mails: Sequence[Mail]) -> None:
    """As if they had come through the door."""
    account, now = EspAccount.objects.get(key=shop.ACCOUNT), timezone.now()
    known = {"account_id": account.pk, "content_type": "application/json", "headers": {}, "received_at": now}
    due = {"status": InboxEvent.Status.NEW.value, "due_at": now, "attempts": 0, "failure": ""}
    rows = [{**known, **due, "dedupe_key": sha256(body).digest(), "body": body} for body in _bodies(mails)]
    sql.insert(InboxEvent, rows)


def _bodies(mails: Sequence[Mail]) -> Iterator[bytes]:
    """One report on each, no two alike."""
    kinds = list(KINDS)
    for n, (message_id, address) in enumerate(mails):
        yield msgspec.json.encode(_report(kinds[n % len(kinds)], message_id, address))


def _report(kind: str, message_id: UUID, address: str) -> JsonObject:
    return {
        "RecordType": kind,
        "MessageID": f"pm-{message_id}",
        "MessageStream": "outbound",
        "ServerID": 23,
        "Recipient": address,
        "Metadata": {"message_id": str(message_id)},
        "Tag": "",
        "UserAgent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36",
        "OriginalLink": "https://example.com/cart",
        "Details": "smtp;250 2.0.0 OK",
        KINDS[kind]: timezone.now().isoformat(),
    }


def _authorization() -> str:
    secret = account_settings(EspAccount.objects.get(key=shop.ACCOUNT))["webhook_secret"]
    return f"Basic {b64encode(secret.encode()).decode()}"


def _wait_until_digested() -> None:
    deadline = time.monotonic() + DIGESTED_WITHIN
    while InboxEvent.objects.filter(status=InboxEvent.Status.NEW).exists():
        if time.monotonic() > deadline:
            raise RuntimeError("webhooks are left undigested")
        time.sleep(0.05)


@contextmanager
def _counted() -> Iterator[Counter[str]]:
    count: Counter[str] = Counter()

    def wrapper(execute: Callable[..., Any], statement: str, *rest: Any) -> Any:
        count[statement.split(None, 1)[0]] += 1
        return execute(statement, *rest)

    with connection.execute_wrapper(wrapper):
        yield count
