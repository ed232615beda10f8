"""Mailgun at the door: its signature is of a time and a token, and of nothing else."""

import json
import time

import pytest
from django.test import Client

from automation.models import EspAccount
from tests.webhooks.esps import ESPS, mailgun, make_esp_account, post
from tests.webhooks.payloads import EXAMPLES
from webhooks.door import door_of
from webhooks.models import InboxEvent
from webhooks.understand import understand

pytestmark = pytest.mark.django_db
DELIVERED = next(one.payload for one in EXAMPLES if (one.provider, one.kind) == ("mailgun", "delivered"))


@pytest.fixture
def account(monkeypatch) -> EspAccount:
    return make_esp_account("mailgun", monkeypatch)


@pytest.mark.parametrize(("age_s", "status"), [(0, 200), (290, 200), (-290, 200), (310, 403), (-310, 403)])
def test_a_signature_is_good_for_five_minutes(client: Client, account: EspAccount, age_s: int, status: int) -> None:
    assert post(client, account, mailgun(DELIVERED, at=time.time() - age_s)).status_code == status


@pytest.mark.parametrize(("age_s", "status"), [(7 * 3600, 200), (-290, 200), (9 * 3600 + 60, 403), (-310, 403)])
def test_a_signature_may_be_as_old_as_the_account_says(client: Client, monkeypatch, age_s: int, status: int) -> None:
    account = make_esp_account("mailgun", monkeypatch, **ESPS["mailgun"].settings(), webhook_max_age_s=9 * 3600)

    assert post(client, account, mailgun(DELIVERED, at=time.time() - age_s)).status_code == status


@pytest.mark.parametrize("wrong", [30, 90_000, "3600", 600.5])
def test_an_age_that_makes_no_sense_closes_the_door(client: Client, monkeypatch, wrong) -> None:
    account = make_esp_account("mailgun", monkeypatch, **ESPS["mailgun"].settings(), webhook_max_age_s=wrong)

    assert post(client, account, mailgun(DELIVERED)).status_code == 503


def test_a_token_is_good_for_one_call(client: Client, account: EspAccount) -> None:
    call = mailgun(DELIVERED)
    forged = call._replace(body=call.body.replace(b'"delivered"', b'"complained"'))

    assert post(client, account, call).status_code == 200
    assert post(client, account, forged).status_code == 403
    assert post(client, account, call).status_code == 200  # Its answer was lost, so it is repeated.

    assert bytes(InboxEvent.objects.get().body) == call.body


def test_two_accounts_may_have_the_same_token(client: Client, account: EspAccount, monkeypatch) -> None:
    other = make_esp_account("mailgun", monkeypatch)

    statuses = [
        post(client, one, mailgun(payload, token="t")).status_code for one, payload in ((account, {}), (other, []))
    ]

    assert statuses == [200, 200]


def test_an_event_that_is_signed_anew_is_the_same_event(account: EspAccount, client: Client) -> None:
    for token in ("one", "two"):
        post(client, account, mailgun(DELIVERED, token=token))
    post(client, account, mailgun({**DELIVERED, "id": "another"}, token="three"))

    door = door_of(account)
    assert door
    first, again, another = (understand(row, door).notices[0].key for row in InboxEvent.objects.order_by("pk"))
    assert first == again != another


@pytest.mark.parametrize("timestamp", ["soon", "nan", "inf", "", None, [], "9" * 400])
def test_times_that_are_none_are_refused(client: Client, account: EspAccount, timestamp) -> None:
    call = mailgun(DELIVERED)
    body = json.loads(call.body)
    body["signature"]["timestamp"] = timestamp

    assert post(client, account, call._replace(body=json.dumps(body).encode())).status_code in {400, 403}
