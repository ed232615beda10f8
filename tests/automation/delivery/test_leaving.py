"""People leave while their mail is claimed: whoever had left before a claim began is not in it."""

from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier
from time import monotonic, sleep

import pytest
from django.db import connection
from django.utils import timezone

from automation.core.lanes import Lane
from automation.delivery.claim import claim
from automation.models import Message
from suppression.address import hash_address
from suppression.tokens import UnsubscribeToken
from suppression.unsubscribe import unsubscribe
from tests.factories import make_account, make_message, make_sender, make_template, make_topic

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
PEOPLE = 1_000


def test_a_thousand_people_leave_just_as_their_mail_is_claimed():
    account, topic = make_account(), make_topic()
    sender, template = make_sender(account), make_template()
    messages = [
        make_message(account=account, topic=topic, sender=sender, template=template, lane=Lane.TRIGGERED)
        for _ in range(PEOPLE)
    ]  # Each due after the one before.
    left, claimed, start, chance = {}, {}, Barrier(2, timeout=60), Random(7)
    took = [0.01]  # What leaving took the last time: so a claim begins at any moment of the next, or soon after it.

    def leave_each() -> None:
        for message in messages:
            token = UnsubscribeToken(hash_address(message.to_email), topic.pk, message.pk)
            start.wait()
            began = monotonic()
            unsubscribe(token=token, everything=False, source="test", ip=None, user_agent="", at=timezone.now())
            left[message.pk] = monotonic()  # Committed.
            took[0] = left[message.pk] - began
        connection.close()

    def claim_each() -> None:
        for _ in messages:
            start.wait()
            sleep(chance.random() * 2 * took[0])
            began = monotonic()
            for one in claim(account=account, lane=Lane.TRIGGERED, limit=1, epoch=None).claimed:  # The oldest.
                claimed[one.envelope.message_id] = began
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(leave_each), pool.submit(claim_each)]:
            done.result(timeout=280)

    withheld = set(Message.objects.filter(status="withheld", reason="unsubscribed").values_list("pk", flat=True))
    against_their_will = [pk for pk, began in claimed.items() if left[pk] < began]
    assert against_their_will == []
    assert withheld | claimed.keys() == {one.pk for one in messages}
    assert withheld & claimed.keys() == set()
    assert min(len(withheld), len(claimed)) > PEOPLE / 50  # Both were under way: else this shows nothing.
