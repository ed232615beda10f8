"""`python -m tests.faults.leave N`: N people unsubscribe, most of them just as their messages are about to be claimed.

A process of its own, since it uses the application's code with the stack's database. Each unsubscribes in a real
transaction of her own, eight at a time.
"""

import random
import sys
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import django

django.setup()

from django.utils import timezone  # noqa: E402 - models cannot be imported before.

from automation.delivery.models import Message  # noqa: E402
from suppression.address import hash_address  # noqa: E402
from suppression.tokens import UnsubscribeToken  # noqa: E402
from suppression.unsubscribe import unsubscribe  # noqa: E402

THREADS = 8
# How far ahead of the claim to look, and how many to take there: about as many as are claimed while we look.
HEAD = 32
SHARE = 0.4


def main(number: int) -> None:
    chance = random.Random(number)
    asked: set[UUID] = set()
    with ThreadPoolExecutor(THREADS) as pool:
        while len(asked) < number:
            next_ones = list(Message.objects.filter(status=Message.Status.QUEUED).order_by("due_at")[:HEAD])
            next_ones = next_ones or list(Message.objects.exclude(pk__in=asked)[:HEAD])  # All are claimed by now.
            leaving = [one for one in next_ones if one.pk not in asked and chance.random() < SHARE]
            asked |= {one.pk for one in leaving}
            list(pool.map(leave, leaving))


def leave(message: Message) -> None:
    token = UnsubscribeToken(hash_address(message.to_email), message.topic_id, message.pk)
    unsubscribe(token=token, everything=False, source="fault test", ip=None, user_agent="", at=timezone.now())


if __name__ == "__main__":
    main(int(sys.argv[1]))
