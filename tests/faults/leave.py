"""`python -m tests.faults.leave N`: N people unsubscribe, most of them just as their messages are about to be claimed.

A process of its own, since it uses the application's code with the stack's database. Each unsubscribes in a real
transaction of her own, eight at a time.
"""

import random
import sys
from concurrent.futures import ThreadPoolExecutor

import django

THREADS = 8
# How far ahead of the claim to look, and whom to take there: about as many as are claimed while we look.
HEAD = 32
SHARE = 0.4


def main(number: int) -> None:
    from automation.delivery.models import Message

    chance = random.Random(1000)
    asked: set[object] = set()
    with ThreadPoolExecutor(THREADS) as pool:
        while len(asked) < number:
            queued = Message.objects.filter(status=Message.Status.QUEUED).order_by("due_at")
            rest = Message.objects.exclude(pk__in=asked) if not queued.exists() else queued
            head = [one for one in rest[:HEAD] if one.pk not in asked and chance.random() < SHARE]
            asked |= {one.pk for one in head}
            list(pool.map(leave, head))


def leave(message: "object") -> None:
    from django.utils import timezone

    from suppression.address import hash_address
    from suppression.tokens import UnsubscribeToken
    from suppression.unsubscribe import unsubscribe

    token = UnsubscribeToken(hash_address(message.to_email), message.topic_id, message.pk)
    unsubscribe(token=token, everything=False, source="fault test", ip=None, user_agent="", at=timezone.now())


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
