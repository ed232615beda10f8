"""Claiming: each due message goes to one worker, and only after policy was asked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automation.core.lanes import Lane
from automation.delivery.claim import claim
from automation.flows.models import Flow
from automation.models import Message
from suppression.address import hash_address
from suppression.models import Reason
from suppression.regions import apply_preset
from suppression.suppress import Entry, suppress_many
from tests.factories import (
    make_account,
    make_contact,
    make_live_flow,
    make_message,
    make_sender,
    make_template,
    make_topic,
)
from tests.suppression.factories import make_consent

pytestmark = pytest.mark.django_db


def claim_all(message, limit=10):
    return claim(account=message.account, lane=message.lane, limit=limit, epoch=7)


def suppress(email, reason=Reason.UNSUBSCRIBED, topic=None):
    entry = Entry(address_hash=hash_address(email), reason=reason, source="test", topic_id=topic.pk if topic else None)
    suppress_many([entry], at=timezone.now())


def test_a_due_message_is_leased_under_a_new_fence():
    message = make_message()

    claims = claim_all(message)

    message.refresh_from_db()
    assert [one.claim for one in claims.claimed] == [(message.pk, 1, 7)]
    assert (message.status, message.fence, message.marks_epoch) == ("sending", 1, 7)
    assert message.lease_until > timezone.now() + timedelta(seconds=60)


def test_what_is_claimed_is_not_claimed_again():
    message = make_message()
    claim_all(message)

    assert claim_all(message).due == 0


def test_a_message_of_another_lane_account_or_hour_stays():
    message = make_message(due_at=timezone.now() + timedelta(hours=1))
    make_message(topic=make_topic(), account=message.account)
    make_message()

    assert claim_all(message).due == 0


@pytest.mark.parametrize("reason", [Reason.UNSUBSCRIBED, Reason.HARD_BOUNCE, Reason.COMPLAINT])
def test_a_suppression_committed_before_the_claim_withholds_a_marketing_message(reason):
    message = make_message(topic=make_topic())
    suppress(message.to_email, reason)

    claims = claim_all(message)

    message.refresh_from_db()
    assert (claims.due, claims.claimed) == (1, [])
    assert (message.status, message.reason, message.fence) == ("withheld", reason.value, 0)


def test_leaving_one_topic_leaves_the_others():
    offers, news = make_topic(), make_topic()
    account = make_account()
    about_offers = make_message(topic=offers, account=account, to_email="ana@example.com")
    about_news = make_message(topic=news, account=account, to_email="Ana@Example.com")
    suppress("ana@example.com", topic=offers)

    claims = claim_all(about_offers)

    assert [one.claim.message_id for one in claims.claimed] == [about_news.pk]


def test_a_transactional_message_passes_an_unsubscribe_but_not_a_hard_bounce():
    account = make_account()
    receipt = make_message(account=account)
    dead = make_message(account=account)
    suppress(receipt.to_email, Reason.UNSUBSCRIBED)
    suppress(dead.to_email, Reason.HARD_BOUNCE)

    claims = claim_all(receipt)

    assert [one.claim.message_id for one in claims.claimed] == [receipt.pk]


def test_an_address_that_is_none_fails_and_says_so():
    message = make_message(to_email="not an address")

    claim_all(message)

    message.refresh_from_db()
    assert (message.status, message.reason) == ("failed", "invalid_address: not_an_address")


def test_messages_of_a_paused_flow_are_held_not_lost():
    flow = make_live_flow()
    message = make_message(topic=flow.topic, flow_version=flow.live_version)
    Flow.objects.update(status=Flow.Status.PAUSED)

    claims = claim_all(message)

    message.refresh_from_db()
    assert (claims.claimed, message.status, message.reason) == ([], "queued", "flow_paused")
    assert message.due_at > timezone.now()


def test_a_message_that_the_esp_may_have_is_not_called_withheld():
    message = make_message(
        topic=make_topic(), account=make_account(provider="resend"), uncertain_at=timezone.now(), attempts=1
    )
    suppress(message.to_email)

    claim_all(message)

    message.refresh_from_db()
    assert (message.status, message.reason) == ("uncertain", "unsubscribed")


def test_nor_is_one_that_was_sent_again_although_the_esp_may_have_it():
    since = timezone.now() - timedelta(hours=1)
    message = make_message(topic=make_topic(), resent_at=since, attempts=1)
    suppress(message.to_email)

    claim_all(message)

    message.refresh_from_db()
    assert (message.status, message.reason, message.uncertain_at) == ("uncertain", "unsubscribed", since)


def test_one_that_was_sent_again_is_held_with_its_flow_and_claimed_later():
    flow = make_live_flow()
    message = make_message(topic=flow.topic, flow_version=flow.live_version, resent_at=timezone.now(), attempts=1)
    Flow.objects.update(status=Flow.Status.PAUSED)
    claim_all(message)
    Flow.objects.update(status=Flow.Status.LIVE)
    Message.objects.update(due_at=timezone.now())

    assert len(claim_all(message).claimed) == 1


def test_a_message_is_not_repeated_after_its_idempotency_key_has_died():
    account = make_account(provider="resend")
    message = make_message(account=account, uncertain_at=timezone.now() - timedelta(hours=24), attempts=1)

    claim_all(message)

    message.refresh_from_db()
    assert (message.status, message.reason) == ("uncertain", "idempotency_key_expired")


def test_the_number_of_statements_does_not_depend_on_the_batch():
    account, topic, template = make_account(), make_topic(), make_template()
    sender = make_sender(account)

    def make(count):
        for _ in range(count):
            message = make_message(account=account, topic=topic, template=template, sender=sender)
        return message

    message = make(1)
    claim_all(message, limit=100)  # Reads the template version, once in a process.
    make(1)
    with CaptureQueriesContext(connection) as one:
        claim_all(message, limit=100)
    make(50)
    with CaptureQueriesContext(connection) as fifty:
        assert len(claim_all(message, limit=100).claimed) == 50

    assert len(fifty) == len(one) == 5  # Due, policy, lease; savepoint and release.


@pytest.mark.django_db(transaction=True)
def test_racing_claims_share_the_messages_and_none_is_given_twice():
    account = make_account()
    topic = make_topic()
    sender, template = make_sender(account), make_template()
    for _ in range(200):
        message = make_message(account=account, topic=topic, sender=sender, template=template)

    def claim_until_dry(_):
        taken = []
        while claimed := claim_all(message, limit=7).claimed:
            taken += [one.claim.message_id for one in claimed]
        connection.close()
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [key for keys in pool.map(claim_until_dry, range(4)) for key in keys]

    assert len(taken) == len(set(taken)) == Message.objects.filter(status="sending").count() == 200


def test_a_marketing_message_names_the_consent_that_allowed_it():
    topic = make_topic(requires_opt_in=True)
    account = make_account()
    messages = [make_message(account=account, topic=topic, lane=Lane.TRIGGERED) for _ in range(2)]
    grants = [make_consent(address_hash=hash_address(one.to_email), topic=topic) for one in messages]

    claim(account=account, lane=Lane.TRIGGERED, limit=10, epoch=None)

    for message in messages:
        message.refresh_from_db()
    assert [message.consent_id for message in messages] == [grant.pk for grant in grants]
    assert {message.status for message in messages} == {"sending"}


@pytest.mark.parametrize(("region", "status"), [("DE", "withheld"), ("US", "sending"), ("", "withheld")])
def test_the_region_of_the_contact_decides_whether_an_opt_in_is_needed(region, status):
    apply_preset("GDPR")
    apply_preset("CAN-SPAM")
    message = make_message(topic=make_topic(), contact=make_contact(region=region))

    claim(account=message.account, lane=Lane.TRIGGERED, limit=10, epoch=None)

    message.refresh_from_db()
    assert message.status == status
