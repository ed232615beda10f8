"""Mail of a domain that is warming up."""

from types import SimpleNamespace

import pytest
from django.utils import timezone

from automation.core.lanes import Lane
from automation.delivery.claim import claim
from automation.models import Message
from tests.factories import make_account, make_message, make_sender, make_template, make_topic


@pytest.fixture
def shop(db):
    """An account, a sender of example.com, and mail of theirs: bulk, unless told otherwise."""
    account = make_account()
    made = {"account": account, "sender": make_sender(account, email="Shop@Example.com"), "template": make_template()}
    topic = make_topic()

    def mail(number=1, **fields):
        return [make_message(**{"topic": topic, "lane": Lane.BULK, **made, **fields}) for _ in range(number)]

    def claimed(lane=Lane.BULK, limit=100):
        return [one.claim.message_id for one in claim(account=account, lane=lane, limit=limit, epoch=None).claimed]

    def count(status, **fields):
        return Message.objects.filter(status=status, **fields).count()

    return SimpleNamespace(**made, topic=topic, mail=mail, claimed=claimed, count=count)


@pytest.fixture
def this_hour():
    return timezone.now().replace(minute=0, second=0, microsecond=0)
