"""What two connections may do to each other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.db import connection, transaction

from suppression.models import Consent, Suppression, Topic
from suppression.policy import Addressee, check_many
from suppression.suppress import suppress_many
from suppression.unsubscribe import unsubscribe
from tests.suppression.factories import ANA, NOW, make_entry, make_read_token, make_topic

pytestmark = pytest.mark.django_db(transaction=True)


def together(*works: Callable[[], object]) -> None:
    """Do all of it at once, each on a connection of its own, and raise what any of them raised."""
    start = Barrier(len(works), timeout=10)

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait()
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(run, work) for work in works]:
            done.result(timeout=30)


def leave(topic: Topic) -> None:
    token = make_read_token(topic_id=topic.pk)
    unsubscribe(token=token, everything=False, source="test", ip=None, user_agent="", at=NOW)


def test_an_unsubscribe_committed_before_the_question_is_obeyed_even_in_a_transaction_begun_before_it() -> None:
    for topic in [make_topic() for _ in range(50)]:
        with transaction.atomic():
            [before] = check_many([Addressee(ANA, topic.pk)], at=NOW)
            together(partial(leave, topic))
            [after] = check_many([Addressee(ANA, topic.pk)], at=NOW)

        assert before.allowed
        assert after.reason == "unsubscribed"


def test_two_clicks_at_once_are_one_unsubscribe() -> None:
    for topic in [make_topic() for _ in range(20)]:
        together(*[partial(leave, topic)] * 3)

        assert Suppression.objects.filter(topic=topic).count() == 1
        assert Consent.objects.filter(topic=topic).count() == 1


def test_overlapping_batches_in_opposite_order_do_not_deadlock() -> None:
    entries = [make_entry(address_hash=number.to_bytes(32, "big")) for number in range(300)]

    together(
        lambda: suppress_many(entries, at=NOW),
        lambda: suppress_many(entries[::-1], at=NOW),
    )

    assert Suppression.objects.count() == 300
