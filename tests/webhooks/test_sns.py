"""Amazon SNS at the door: its signatures, its certificates, and subscriptions that it wants confirmed."""

import json
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from automation.models import EspAccount
from tests.webhooks.conftest import Amazon
from tests.webhooks.esps import (
    CERTIFICATE_URL,
    TOPIC,
    Call,
    basic_auth,
    certificate,
    ec_key,
    make_esp_account,
    post,
    rsa_key,
    sns,
)
from tests.webhooks.payloads import EXAMPLES
from webhooks import sns as ours
from webhooks.digest import digest_due_webhooks
from webhooks.models import InboxEvent

pytestmark = pytest.mark.django_db
DELIVERY = next(one.payload for one in EXAMPLES if (one.provider, one.kind) == ("amazon_ses", "delivered"))
SUBSCRIBE_URL = f"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=abc"


@pytest.fixture
def account(monkeypatch) -> EspAccount:
    return make_esp_account("amazon_ses", monkeypatch)


def confirmation(**fields: Any) -> Call:
    about: dict[str, Any] = {"Type": "SubscriptionConfirmation", "Token": "abc", "SubscribeURL": SUBSCRIBE_URL}
    return sns("You have chosen to subscribe …", **{**about, **fields})


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [None, "Amazon SES notification"])
def test_both_versions_of_the_signature_are_known(client: Client, account: EspAccount, version, subject) -> None:
    assert post(client, account, sns(DELIVERY, version=version, Subject=subject)).status_code == 200


def test_the_certificate_is_fetched_once(client: Client, account: EspAccount, amazon: Amazon) -> None:
    for number in range(3):
        assert post(client, account, sns([number])).status_code == 200

    assert amazon.asked == [CERTIFICATE_URL]


@pytest.mark.parametrize("changed", ["Message", "Timestamp", "TopicArn", "Subject", "Signature"])
def test_every_signed_field_counts(client: Client, monkeypatch, changed: str) -> None:
    account = make_esp_account("amazon_ses", monkeypatch, sns_topics=[TOPIC, "x" + TOPIC, TOPIC + "x"][::2])
    call = sns(DELIVERY, Subject="Hello")
    message = json.loads(call.body)
    message[changed] = message[changed][4:] if changed == "Signature" else message[changed] + "x"

    response = post(client, account, call._replace(body=json.dumps(message).encode()))

    assert (response.status_code, response.content) == (403, b"The SNS signature is wrong.")
    assert not InboxEvent.objects.exists()


@pytest.mark.parametrize("missing", ["Message", "Timestamp", "SignatureVersion", "SigningCertURL", "Signature"])
def test_a_message_with_a_field_missing_is_refused(client: Client, account: EspAccount, missing: str) -> None:
    call = sns(DELIVERY)
    message = {name: value for name, value in json.loads(call.body).items() if name != missing}

    assert post(client, account, call._replace(body=json.dumps(message).encode())).status_code == 403


@pytest.mark.parametrize("strange", [None, 17, [], {}, "", "3", "é"])
def test_fields_of_other_types_are_refused(client: Client, account: EspAccount, strange) -> None:
    call = sns(DELIVERY)
    for name in ("SignatureVersion", "SigningCertURL", "Signature", "Timestamp", "TopicArn"):
        message = {**json.loads(call.body), name: strange}

        assert post(client, account, call._replace(body=json.dumps(message).encode())).status_code in {400, 403}


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com.example.com/a.pem",
        "https://example.com/sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com@example.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
        "https://s3.eu-west-1.amazonaws.com/a.pem",
        "https://sns.example.amazonaws.com/../a.pem?x=1",
        "https://sns.eu.west.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com/a.pem\n",
        "https://sns.eu-west-1.amazonaws.com/a.txt",
        "https://127.0.0.1/a.pem",
        "file:///etc/passwd.pem",
    ],
)
def test_a_certificate_from_elsewhere_is_not_asked_for(
    client: Client, account: EspAccount, amazon: Amazon, url: str
) -> None:
    amazon.answers[url] = amazon.answers[CERTIFICATE_URL]

    response = post(client, account, sns(DELIVERY, SigningCertURL=url))

    assert (response.status_code, amazon.asked) == (403, [])


def test_china_has_hosts_of_its_own(client: Client, account: EspAccount, amazon: Amazon) -> None:
    url = "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0.pem"
    amazon.answers[url] = amazon.answers[CERTIFICATE_URL]

    assert post(client, account, sns(DELIVERY, SigningCertURL=url)).status_code == 200


def test_somebody_elses_topic_is_refused_before_anything_is_fetched(
    client: Client, account: EspAccount, amazon: Amazon
) -> None:
    for call in (sns(DELIVERY, TopicArn=f"{TOPIC}2"), confirmation(TopicArn=f"{TOPIC}2")):
        assert post(client, account, call).status_code == 403

    assert amazon.asked == []


def test_a_key_that_is_not_the_certificates_signs_nothing(client: Client, account: EspAccount) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    assert post(client, account, sns(DELIVERY, key=other)).status_code == 403


@pytest.mark.parametrize("times", [{"age_days": 40}, {"age_days": -2}])
def test_a_certificate_counts_only_in_its_time(client: Client, account, amazon, times) -> None:
    amazon.answers[CERTIFICATE_URL] = certificate(rsa_key(), **times)

    assert post(client, account, sns(DELIVERY)).content == b"The SNS certificate is not valid now."


def test_a_certificate_of_another_kind_of_key_is_refused(client: Client, account: EspAccount, amazon: Amazon) -> None:
    amazon.answers[CERTIFICATE_URL] = certificate(ec_key())

    assert post(client, account, sns(DELIVERY)).content == b"The SNS certificate has no RSA key."


@pytest.mark.parametrize(
    "answer", [None, b"", b"<html>", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_while_the_certificate_cannot_be_had_sns_is_asked_to_repeat(
    client: Client, account: EspAccount, amazon: Amazon, answer: bytes | None
) -> None:
    good = amazon.answers.pop(CERTIFICATE_URL)
    if answer is not None:
        amazon.answers[CERTIFICATE_URL] = answer
    statuses = [post(client, account, sns(DELIVERY)).status_code for _ in range(3)]
    assert (statuses, len(amazon.asked)) == ([503, 503, 503], 1)

    amazon.answers[CERTIFICATE_URL] = good
    ours.forget_certificates()

    assert post(client, account, sns(DELIVERY)).status_code == 200


def test_names_without_end_fill_no_memory(client: Client, account: EspAccount) -> None:
    for number in range(3 * ours.MAX_CERTIFICATES):
        post(client, account, sns(DELIVERY, SigningCertURL=f"{CERTIFICATE_URL[:-4]}{number}.pem"))

    assert len(ours._vain) <= ours.MAX_CERTIFICATES


def test_a_subscription_of_ours_is_confirmed(client: Client, account: EspAccount, amazon: Amazon) -> None:
    amazon.answers[SUBSCRIBE_URL] = b"<ConfirmSubscriptionResponse/>"

    response = post(client, account, confirmation())

    assert (response.status_code, amazon.asked) == (200, [CERTIFICATE_URL, SUBSCRIBE_URL])
    digest_due_webhooks()
    assert InboxEvent.objects.get().status == InboxEvent.Status.DIGESTED


@pytest.mark.parametrize(
    "url",
    [
        SUBSCRIBE_URL.replace("https", "http"),
        "https://example.com/?Action=ConfirmSubscription",
        "https://sns.eu-west-1.amazonaws.com.example.com/?Token=a",
        "https://sns.eu-west-1.amazonaws.com@example.com/?Token=a",
        "https://sns.eu-west-1.amazonaws.com/other?Token=a",
    ],
)
def test_a_subscribe_url_that_leads_elsewhere_is_not_followed(
    client: Client, account: EspAccount, amazon: Amazon, url: str
) -> None:
    response = post(client, account, confirmation(SubscribeURL=url))

    assert (response.status_code, amazon.asked) == (403, [CERTIFICATE_URL])


def test_a_confirmation_that_did_not_get_through_is_wanted_again(client: Client, account: EspAccount) -> None:
    assert post(client, account, confirmation()).status_code == 503
    assert not InboxEvent.objects.exists()


def test_a_forged_confirmation_confirms_nothing(client: Client, account: EspAccount, amazon: Amazon) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = sns("Subscribe", key=other, Type="SubscriptionConfirmation", Token="abc", SubscribeURL=SUBSCRIBE_URL)

    assert post(client, account, forged).status_code == 403
    assert SUBSCRIBE_URL not in amazon.asked


def test_a_password_is_asked_for_too_if_there_is_one(client: Client, monkeypatch) -> None:
    account = make_esp_account("amazon_ses", monkeypatch, sns_topics=[TOPIC], webhook_secret="user:password")
    call = sns(DELIVERY)

    assert post(client, account, call).status_code == 401
    assert post(client, account, call._replace(headers={**call.headers, **basic_auth()})).status_code == 200


@pytest.mark.parametrize("topics", [[], "", "mail", [TOPIC, 17]])
def test_without_topics_nobody_is_believed(client: Client, monkeypatch, topics) -> None:
    account = make_esp_account("amazon_ses", monkeypatch, sns_topics=topics, webhook_secret="user:password")

    assert post(client, account, sns(DELIVERY)).status_code == 503


class Answer:
    """What `requests` gives for a URL."""

    def __init__(self, status_code: int, body: bytes) -> None:
        self.status_code, self.raw, self._body = status_code, self, body

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        pass

    def read(self, amount: int) -> bytes:
        return self._body[:amount]


def test_an_answer_is_read_so_far_and_not_followed(monkeypatch) -> None:
    monkeypatch.undo()  # The stand-in for `fetch`.
    asked = {}

    def get(url: str, **how):
        asked[url] = how
        return Answer(302 if "elsewhere" in url else 200, b"x" * 1_000_000)

    monkeypatch.setattr(requests, "get", get)

    assert len(ours.fetch("https://sns.example.amazonaws.com/a.pem")) == ours.MAX_ANSWER
    with pytest.raises(OSError, match="302"):
        ours.fetch("https://sns.example.amazonaws.com/elsewhere")
    assert all(how["timeout"] and not how["allow_redirects"] and how["stream"] for how in asked.values())
