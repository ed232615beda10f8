"""Brakes: what pauses an account or a flow, and that an operator has the last word."""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now, TruncHour
from structlog.testing import capture_logs

from automation.delivery.brake import brake
from automation.delivery.models import EspAccount, Tally
from automation.delivery.pause import pause_account
from automation.delivery.resume import resume_account
from automation.flows.models import Flow
from automation.flows.pause import pause, resume
from tests.automation.delivery.elsewhere import elsewhere
from tests.factories import make_account, make_live_flow, make_sender

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def tally(sender, flow=None, ago=timedelta(0), **counts):
    """What was counted in the hour of so long ago."""
    return Tally.objects.create(
        account=sender.account, sender=sender, flow=flow, hour=TruncHour(Now() - ago), backend=len(Tally.objects.all()),
        **counts,
    )  # fmt: skip


def reason_of(account):
    account.refresh_from_db()
    return account.paused_reason if account.status == "paused" else None


def test_an_account_is_paused_and_told_why_by_what_and_what_to_do():
    sender = make_sender(email="news@Shop.example.com")
    tally(sender, ago=5 * HOUR, accepted=700, hard_bounced=60)
    tally(sender, accepted=534, hard_bounced=30)

    with capture_logs() as logs:
        brake()
        brake()

    account = EspAccount.objects.get()
    assert account.status == "paused"
    assert account.paused_reason == (
        "Hard bounces: 7.29 % of the last day's 1,234 mails from shop.example.com; the limit is 5 %."
        " Find out where these addresses come from, then resume."
    )
    assert account.paused_by == "brake: hard bounces"
    assert account.paused_at is not None
    assert [(log["event"], log["log_level"]) for log in logs] == [("account_paused", "error")]


def test_each_sending_domain_is_looked_at_apart():
    account = make_account()
    good, bad = make_sender(account, email="a@good.example.com"), make_sender(account, email="a@bad.example.com")
    tally(good, accepted=10_000)
    tally(bad, accepted=100, hard_bounced=20)

    brake()

    assert "from bad.example.com" in reason_of(account)


def test_the_senders_of_one_domain_are_looked_at_together():
    account = make_account()
    for name in ("a", "b"):
        tally(make_sender(account, email=f"{name}@example.com"), accepted=60, hard_bounced=6)

    brake()

    assert "10 % of the last day's 120 mails" in reason_of(account)


def test_what_is_blocked_counts_against_its_domain():
    account = make_account()
    good, bad = make_sender(account, email="a@good.example.com"), make_sender(account, email="a@bad.example.com")
    tally(good, accepted=10_000, blocked=10)
    tally(bad, accepted=200, blocked=21)

    brake()

    assert reason_of(account).startswith("Blocks: 10.5 % of the last day's 200 mails from bad.example.com;")


def test_what_was_more_than_a_day_ago_does_not_count():
    sender = make_sender()
    tally(sender, ago=25 * HOUR, accepted=100, hard_bounced=100)

    brake()

    assert reason_of(sender.account) is None


def test_a_flow_is_paused_and_others_and_the_account_go_on():
    account = make_account(max_bounce_percent=None)
    sender = make_sender(account)
    bad, good = make_live_flow(sender=sender), make_live_flow(sender=sender)
    tally(sender, bad, accepted=200, hard_bounced=11)
    tally(sender, good, accepted=200, hard_bounced=10)

    with capture_logs() as logs:
        brake()

    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, good.status, reason_of(account)) == ("paused", "live", None)
    assert bad.paused_reason.startswith("Hard bounces: 5.5 % of the last day's 200 mails; the limit is 5 %.")
    assert (bad.paused_by, bad.paused_at is None) == ("brake: hard bounces", False)
    assert [(log["event"], log["log_level"], log["flow"]) for log in logs] == [("flow_paused", "error", bad.key)]


@pytest.mark.parametrize("status", ["paused", "archived"])
def test_only_a_live_flow_is_braked(status):
    sender = make_sender()
    flow = make_live_flow(sender=sender)
    Flow.objects.update(status=status)
    tally(sender, flow, accepted=200, hard_bounced=200)

    brake()

    flow.refresh_from_db()
    assert (flow.status, flow.paused_by) == (status, "")


def test_a_resume_is_not_undone_by_what_was_before_it_but_by_what_comes_after():
    sender = make_sender()
    flow = make_live_flow(sender=sender)
    tally(sender, flow, ago=3 * HOUR, accepted=100, hard_bounced=100)
    tally(sender, flow, accepted=100, hard_bounced=100)
    brake()
    assert resume_account(sender.account)
    assert resume(flow=flow)

    brake()

    flow.refresh_from_db()
    assert (reason_of(sender.account), flow.status) == (None, "live")
    tally(sender, flow, ago=-HOUR, accepted=100, hard_bounced=50)  # In the hour that follows.
    brake()
    flow.refresh_from_db()
    assert "50 % of the last day's 100 mails" in reason_of(sender.account)
    assert flow.status == "paused"


def test_the_number_of_statements_does_not_depend_on_what_there_is(django_assert_num_queries):
    def grow():
        sender = make_sender()
        tally(sender, make_live_flow(sender=sender), accepted=100)

    grow()
    # Accounts, flows, the tallies of each, and old tallies. Savepoints apart.
    for _ in range(2):
        with django_assert_num_queries(2 + 2 + 1 + 4):
            brake()
        for _ in range(5):
            grow()


def test_tallies_are_kept_for_ninety_days():
    sender = make_sender()
    tally(sender, ago=timedelta(days=91), accepted=1)
    kept = tally(sender, ago=timedelta(days=89), accepted=1)

    brake()

    assert list(Tally.objects.all()) == [kept]


@pytest.mark.django_db(transaction=True)
def test_an_operator_who_resumes_meanwhile_has_the_last_word():
    sender = make_sender()
    flow = make_live_flow(sender=sender)
    tally(sender, flow, accepted=100, hard_bounced=100)

    with ExitStack() as until_braked, transaction.atomic():
        pause_account(sender.account, reason="by hand")
        resume_account(sender.account)
        pause(flow=flow, reason="by hand", by="ana")
        resume(flow=flow)
        until_braked.enter_context(elsewhere(brake))

    flow.refresh_from_db()
    assert (reason_of(sender.account), flow.status) == (None, "live")
