"""What an operator does after an outage: see what failed, see what a replay would do, and do it once."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from playwright.sync_api import Page, expect

from automation.models import Message
from suppression.address import hash_address
from suppression.models import Scope
from tests.factories import make_account, make_live_flow, make_message
from tests.suppression.factories import make_suppression

pytestmark = pytest.mark.django_db(transaction=True)


def dead_letter(flow, account, **fields):
    message = make_message(
        status="failed",
        reason="attempts_exhausted: never_left: connection refused",
        flow_version=flow.live_version,
        topic=flow.topic,
        account=account,
        **fields,
    )
    for number, hours in ((1, 30), (2, 2)):
        at = timezone.now() - timedelta(hours=hours)
        message.attempt_set.create(number=number, account=account, outcome="never_left", began_at=at, ended_at=at)
    return message


def test_after_an_outage_those_that_may_still_be_mailed_are_sent_again(page: Page):
    flow, account = make_live_flow(name="Cart reminder"), make_account(key="main")
    goes = [dead_letter(flow, account) for _ in range(2)]
    old = dead_letter(flow, account, created_at=timezone.now() - timedelta(days=9))
    left = dead_letter(flow, account)
    make_suppression(address_hash=hash_address(left.to_email), scope=Scope.ALL)

    page.locator("#nav-sidebar-apps").get_by_text("Messages", exact=True).click()
    page.get_by_role("link", name="Dead letters").click()
    expect(page.get_by_role("region", name="What they died of")).to_contain_text("Cart reminder")
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option("send_selected_again")
    page.get_by_role("button", name="Run").click()

    answers = page.get_by_role("region", name="What would happen now")
    expect(answers).to_contain_text("It is sent")
    expect(answers).to_contain_text("It is left alone: the person has unsubscribed")
    expect(answers).to_contain_text("It is left alone: it is too old")
    assert set(Message.objects.values_list("status", flat=True)) == {"failed"}

    page.get_by_label("How many").fill("10")
    page.get_by_label("How many").press("Enter")
    expect(answers).not_to_contain_text("it is too old")
    page.get_by_role("button", name="Send 3 again").dblclick()

    expect(page.get_by_text("Queued again: 3.")).to_be_visible()
    queued = set(Message.objects.filter(status="queued").values_list("pk", flat=True))
    assert queued == {one.pk for one in [*goes, old]}
    assert LogEntry.objects.count() == 3  # Pressed twice, done once.
