"""How soon a receipt is accepted after its order was posted, while a broadcast takes all that the account may send."""

import time
from statistics import median, quantiles

from automation.core.lanes import Lane
from automation.delivery.pause import pause_account
from automation.delivery.resume import resume_account
from automation.models import Message
from benchmarks import shop
from benchmarks.client import Post, post_all
from benchmarks.drain import paused_account
from benchmarks.ground import Ground
from benchmarks.latency import CONNECTIONS, LEAD_S
from benchmarks.run import Figures

BROADCAST = 100_000
PACE_PER_S = 200
ORDERS = 200
ORDERS_PER_S = 20


def run(ground: Ground) -> Figures:
    account = paused_account()
    shop.queue_crowd(BROADCAST, lane=Lane.BULK)
    found = []
    with ground.account(rate_limit=PACE_PER_S, burst=PACE_PER_S):
        for n in range(1, ground.rounds + 1):
            ground.rest()
            resume_account(account)
            ground.wait_for(2 * PACE_PER_S)  # The bucket's first burst is spent by now.
            found.append(order(ground))
            pause_account(account, reason="benchmarks")
            ground.wait_until_written(but=[Message.Status.QUEUED])
            ground.say(f"  lanes {n}: p99 {found[-1]['transactional_p99_under_bulk_ms']:.0f} ms")
    shop.forget_messages()
    resume_account(account)
    return {name: median(figures[name] for figures in found) for name in found[0]}


def order(ground: Ground) -> Figures:
    """Post orders on an open-loop schedule. An order's clock starts when it was *due* to be posted."""
    began = time.time() + LEAD_S
    posts = [Post("/api/v1/events/", shop.one_order(n), at=began + n / ORDERS_PER_S) for n in range(ORDERS)]
    post_all(ground.stack.url, ground.api_key, posts, connections=CONNECTIONS)
    due = {shop.address(n): post.at for n, post in enumerate(posts)}
    receipts = ground.wait_for(ORDERS, to=shop.ADDRESSES)
    cuts = quantiles((accept.at - due[accept.to] for accept in receipts), n=100)
    return {"transactional_p50_under_bulk_ms": cuts[49] * 1e3, "transactional_p99_under_bulk_ms": cuts[98] * 1e3}
