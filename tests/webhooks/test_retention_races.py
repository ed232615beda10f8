"""Retention beside what else touches old rows: a late webhook, an erasure, a second walk."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from automation.models import Attempt, Contact, Engagement, EspAccount, Event, Message, RetentionWalk
from automation.privacy.erase import erase
from automation.privacy.retain import retain
from tests.factories import make_contact, make_event, make_event_type, make_message
from tests.suppression.test_races import together
from tests.webhooks.esps import make_esp_account
from tests.webhooks.factories import digest_all, make_row
from tests.webhooks.payloads import postmark
from webhooks.models import InboxEvent

pytestmark = pytest.mark.django_db(transaction=True)

OLD = timedelta(days=101)


@pytest.fixture
def account(monkeypatch, settings) -> EspAccount:
    settings.KEEP = dict.fromkeys(settings.KEEP, timedelta(days=100))
    return make_esp_account("postmark", monkeypatch)


def make_history(account: EspAccount, people: int) -> None:
    """Each was mailed long ago, and has opened it just now."""
    at, kind = timezone.now() - OLD, make_event_type()
    for n in range(people):
        contact = make_contact(external_id=f"u-{n}", email=f"ana{n}@example.com")
        make_event(kind, contact, status="decided", occurred_at=at, received_at=at)
        message = make_message(
            account=account, contact=contact, to_email=contact.email, status="delivered", created_at=at, claimed_at=at
        )
        times = {"began_at": at, "ended_at": at}
        Attempt.objects.create(message=message, number=1, account=account, outcome="accepted", **times)
        make_row(account, postmark("Open", str(message.pk), contact.email))


def erase_all(people: int) -> None:
    for n in reversed(range(people)):
        erase(external_id=f"u-{n}", by="root")


def walk() -> None:
    while retain():
        pass


@pytest.mark.parametrize("_", range(10))
def test_neither_loses_what_the_other_is_about(account: EspAccount, _: int) -> None:
    make_history(account, 20)

    together(walk, digest_all, partial(erase_all, 20), walk)
    RetentionWalk.objects.update(due_at=timezone.now())
    walk()

    assert not InboxEvent.objects.exclude(status="digested").exists()
    assert not Contact.objects.filter(erased_at=None).exists()
    assert not any(model.objects.exists() for model in (Message, Attempt, Engagement))
    assert not Event.objects.exclude(event_type__name="email.opened").exists()
