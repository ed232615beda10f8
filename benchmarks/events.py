"""The whole way: events posted in batches of 100 → stored → decided on → queued → accepted."""

import time

from benchmarks import shop
from benchmarks.client import Post, post_all
from benchmarks.ground import Ground
from benchmarks.run import Figures, Run
from benchmarks.versus import versus_bare

EVENTS = 5_000
BATCH = 100
CONNECTIONS = 3


def run(ground: Ground) -> Figures:
    post_events(ground)  # Warm up.
    return versus_bare(ground, "events", post_events)


def post_events(ground: Ground) -> Run:
    """From the first POST to the last accept. Each event mails a contact of its own."""
    bodies = [shop.batch_of_events(first, BATCH) for first in range(0, EVENTS, BATCH)]
    ground.rest()
    with ground.meter() as meter:
        began = time.time()
        posts = [Post("/api/v1/events/batch/", body) for body in bodies]
        post_all(ground.stack.url, ground.api_key, posts, connections=CONNECTIONS)
        accepts = ground.wait_for(EVENTS)
        ground.wait_until_written()
    return Run(EVENTS, accepts[-1].at - began, meter)
