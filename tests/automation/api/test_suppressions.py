"""/api/v1/suppressions/ and /api/v1/consents/: what backend services tell of addresses, and what they may ask."""

import pytest
from django.utils import timezone

from automation.api.keys import make_key
from automation.api.models import Scope
from automation.models import DoubleOptIn, Message
from suppression.address import hash_address
from suppression.models import Consent, Reason, Suppression
from suppression.policy import Addressee, check_many
from suppression.wording import Wording
from tests.automation.api.service import Service, assert_problem, faults_of
from tests.factories import make_sender, make_template, make_topic
from tests.suppression.factories import make_suppression

pytestmark = pytest.mark.django_db
ALL, CHECK, LIFT, CONSENTS = (
    f"/api/v1/{path}/" for path in ("suppressions", "suppressions/check", "suppressions/lift", "consents")
)
ANA, BEN = "ana@example.com", "ben@example.com"


def may_be_mailed(address: str, topic=None) -> bool:
    [verdict] = check_many([Addressee.of(address, topic and topic.pk)], at=timezone.now())
    return verdict.allowed


@pytest.fixture
def double_opt_in() -> None:
    variables = [{"name": "confirm_url", "path": "confirmation.url"}, {"name": "topic", "path": "confirmation.topic"}]
    template = make_template(text="{{ topic }}: {{ confirm_url }}", variables=variables)
    DoubleOptIn.objects.create(template=template, sender=make_sender())


def test_addresses_and_domains_are_suppressed_once(service: Service):
    body = {"addresses": [ANA, "ANA@example.com", "@example.net"], "note": "they asked by phone"}

    first, again = service.post(ALL, body), service.post(ALL, body)

    assert [first.json(), again.json()] == [{"added": 2}, {"added": 0}]
    assert not may_be_mailed(ANA)
    assert not may_be_mailed("anybody@example.net")
    row = Suppression.objects.get(address_hash=hash_address(ANA))
    assert (row.reason, row.note) == ("manual", "they asked by phone")
    assert row.source.startswith("API key ")


def test_a_suppression_may_be_about_one_topic(service: Service):
    topic, other = make_topic(), make_topic()

    service.post(ALL, {"addresses": [ANA], "topic": topic.key, "reason": "unsubscribed"})

    assert [may_be_mailed(ANA, one) for one in (topic, other)] == [False, True]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/addresses", "missing"),
        ({"addresses": []}, "/addresses", "bad_length"),
        ({"addresses": ["ana@example.com"] * 1001}, "/addresses", "bad_length"),
        ({"addresses": ["nobody"]}, "/addresses", "not_an_address"),
        ({"addresses": [ANA], "reason": "erased"}, "/reason", "unknown_value"),
        ({"addresses": [ANA], "topic": "nonsense"}, "/topic", "unknown_topic"),
        ({"addresses": [ANA], "expires_at": "tomorrow"}, "/expires_at", "bad_time"),
        ({"addresses": [ANA], "note": "\x00"}, "/note", "bad_character"),
        ({"addresses": [ANA], "colour": "red"}, "/colour", "unknown_field"),
    ],
)
def test_what_cannot_be_taken_is_told_by_its_place(service: Service, body, pointer, code):
    response = service.post(ALL, body)

    assert faults_of(assert_problem(response, 422)) == {pointer: code}
    assert not Suppression.objects.exists()


def test_a_topic_cannot_reach_as_far_as_all_mail(service: Service):
    response = service.post(ALL, {"addresses": [ANA], "topic": make_topic().key, "scope": "all"})

    assert [one["pointer"] for one in response.json()["errors"]] == ["/scope"]


def test_the_list_is_read_page_by_page(service: Service, settings):
    settings.SUPPRESSION_KEEP_ADDRESS = True
    service.post(ALL, {"addresses": [f"p{n}@example.com" for n in range(5)]})

    pages, after = [], 0
    while (page := service.get(f"{ALL}?limit=2&after={after}").json())["next"] is not None:
        pages.append([one["address"] for one in page["suppressions"]])
        after = page["next"]

    assert [len(page) for page in pages] == [2, 2, 1]
    assert {address for page in pages for address in page} == {f"p{n}@example.com" for n in range(5)}


@pytest.mark.parametrize("query", ["after=x", "limit=-1", "limit=1001", "after=99999999999999999999"])
def test_a_page_that_is_none_is_refused(service: Service, query):
    assert_problem(service.get(f"{ALL}?{query}"), 422)


def test_lifting_takes_back_one_reason_and_no_other(service: Service):
    make_suppression(address_hash=hash_address(ANA), reason=Reason.HARD_BOUNCE)
    make_suppression(address_hash=hash_address(ANA), reason=Reason.UNSUBSCRIBED)
    make_suppression(address_hash=hash_address(BEN), reason=Reason.HARD_BOUNCE)

    response = service.post(LIFT, {"addresses": [ANA], "reason": "hard_bounce"})

    assert response.json() == {"lifted": 1}
    assert may_be_mailed(ANA)
    assert not may_be_mailed(ANA, make_topic())
    assert not may_be_mailed(BEN)


def test_a_check_answers_as_a_claim_would_in_the_order_of_the_question(service: Service):
    topic = make_topic(requires_opt_in=True)
    make_suppression(address_hash=hash_address(BEN), reason=Reason.COMPLAINT)

    marketing = service.post(CHECK, {"addresses": [BEN, ANA], "topic": topic.key}).json()
    receipts = service.post(CHECK, {"addresses": [BEN, ANA]}).json()

    assert marketing["results"] == [
        {"allowed": False, "reason": "complaint"},
        {"allowed": False, "reason": "no_consent"},
    ]
    assert receipts["results"] == [{"allowed": False, "reason": "complaint"}, {"allowed": True, "reason": ""}]


def test_a_domain_cannot_be_checked(service: Service):
    assert_problem(service.post(CHECK, {"addresses": ["@example.com"]}), 422)


@pytest.mark.parametrize(("path", "method"), [(ALL, "POST"), (ALL, "GET"), (CHECK, "POST"), (LIFT, "POST")])
def test_each_endpoint_asks_for_its_scope(path, method):
    reads = method == "GET" or path == CHECK
    _, secret = make_key(
        name="shop", scopes=[Scope.SUPPRESSIONS_WRITE if reads else Scope.SUPPRESSIONS_READ, Scope.EVENTS_WRITE]
    )

    assert_problem(Service(secret).request(method, path, {"addresses": [ANA], "reason": "manual"}), 403)


def test_a_consent_is_entered_with_its_proof(service: Service):
    topic = make_topic(requires_opt_in=True)
    body = {"address": ANA, "topic": topic.key, "decision": "granted", "wording": "Yes!", "ip": "192.0.2.7"}

    response = service.post(CONSENTS, {**body, "proof": {"form": "checkout"}})

    assert (response.status_code, response.json()) == (201, {"status": "granted"})
    line = Consent.objects.get()
    assert (line.ip, line.proof, line.purpose) == ("192.0.2.7", {"form": "checkout"}, topic.name)
    assert Wording.objects.get(version=line.wording_version).text == "Yes!"
    assert may_be_mailed(ANA, topic)


def test_a_withdrawal_is_obeyed_at_once(service: Service):
    topic = make_topic()

    service.post(CONSENTS, {"address": ANA, "topic": topic.key, "decision": "withdrawn"})

    assert not may_be_mailed(ANA, topic)


@pytest.mark.parametrize("extra", [{}, {"decision": "granted", "double_opt_in": True}, {"double_opt_in": False}])
def test_either_a_decision_is_told_or_the_person_is_asked(service: Service, extra):
    response = service.post(CONSENTS, {"address": ANA, "topic": make_topic().key, **extra})

    assert faults_of(response.json()) == {"/decision": "missing"}
    assert not Consent.objects.exists()


@pytest.mark.usefixtures("double_opt_in")
def test_double_opt_in_mails_once_a_day_and_grants_nothing_yet(service: Service):
    topic = make_topic(name="Offers", requires_opt_in=True)
    body = {"address": "Ana@Example.com", "topic": topic.key, "double_opt_in": True}

    answers = [service.post(CONSENTS, body) for _ in range(2)]

    assert [(one.status_code, one.json()["status"]) for one in answers] == [(202, "asked"), (200, "asked_before")]
    message = Message.objects.get()
    assert (message.to_email, message.lane, message.topic_id) == ("ana@example.com", "transactional", None)
    assert message.values["topic"] == "Offers"
    assert not may_be_mailed(ANA, topic)


@pytest.mark.usefixtures("double_opt_in")
def test_who_follows_the_link_and_confirms_has_agreed(service: Service, client):
    topic = make_topic(requires_opt_in=True)
    service.post(CONSENTS, {"address": ANA, "topic": topic.key, "double_opt_in": True, "ip": "192.0.2.7"})
    url = Message.objects.get().values["confirm_url"]
    path = "/u/" + url.partition("/u/")[2]

    client.get(path)
    before = may_be_mailed(ANA, topic)
    client.post(path)

    assert not before
    assert may_be_mailed(ANA, topic)
    assert Consent.objects.get().proof["request"]["ip"] == "192.0.2.7"


def test_without_a_mail_to_ask_with_nobody_is_asked(service: Service):
    response = service.post(CONSENTS, {"address": ANA, "topic": make_topic().key, "double_opt_in": True})

    assert_problem(response, 409)
    assert not Message.objects.exists()


def test_a_mail_that_lacks_the_link_is_not_sent(service: Service):
    DoubleOptIn.objects.create(template=make_template(), sender=make_sender())

    response = service.post(CONSENTS, {"address": ANA, "topic": make_topic().key, "double_opt_in": True})

    assert_problem(response, 409)
