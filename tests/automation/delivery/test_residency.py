"""Nobody is mailed from where their data must not be."""

import pytest
from django.conf import LazySettings

from automation.core.lanes import Lane
from automation.delivery.claim import claim
from automation.delivery.foresee import Fate, foresee
from automation.models import Message
from suppression.models import Topic
from tests.factories import make_account, make_contact, make_message, make_topic

pytestmark = pytest.mark.django_db


def claim_one(*, region: str, account_region: str = "", topic: Topic | None = None) -> Message:
    account = make_account(region=account_region)
    message = make_message(account=account, contact=make_contact(region=region), topic=topic)
    claim(account=account, lane=Lane(message.lane), limit=10, epoch=None)
    message.refresh_from_db()
    return message


@pytest.mark.parametrize(("region", "status"), [("EU", "sending"), ("", "sending"), ("US", "withheld")])
def test_an_account_of_a_region_mails_nobody_of_another(region: str, status: str) -> None:
    assert claim_one(region=region, account_region="EU").status == status


@pytest.mark.parametrize(("region", "status"), [("US-CA", "sending"), ("EU", "withheld")])
def test_a_deployment_of_a_region_mails_nobody_of_another(region: str, status: str, settings: LazySettings) -> None:
    settings.DEPLOYMENT_REGIONS = ["US"]

    message = claim_one(region=region)

    assert (message.status, message.reason) == (status, "residency" if status == "withheld" else "")


def test_marketing_mail_is_asked_about_as_well() -> None:
    assert claim_one(region="US", account_region="EU", topic=make_topic()).reason == "residency"


def test_without_homes_everybody_is_mailed() -> None:
    assert claim_one(region="US").status == "sending"


def test_a_dead_letter_is_foreseen_to_stay() -> None:
    account = make_account(region="EU")
    make_message(account=account, contact=make_contact(region="US"), status="failed", reason="rejected")

    [prospect], _ = foresee(Message.objects.all())

    assert (prospect.fate, prospect.why) == (Fate.STAYS, "residency")
