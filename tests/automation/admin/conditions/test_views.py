"""What the condition builder asks the server."""

import json

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.factories import make_contact, make_event_type, make_segment

pytestmark = pytest.mark.django_db

OFFER, SENTENCE = "conditions:offer", "conditions:sentence"


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()
    yield
    cache.clear()


def ask(client: Client, body: str) -> dict[str, object]:
    answer: dict[str, object] = client.post(reverse(SENTENCE), body, content_type="application/json").json()
    return answer


def test_a_rule_is_said_as_a_sentence(admin_client):
    rule = {"field": "contact.language", "op": "eq", "value": "de"}

    assert ask(admin_client, json.dumps(rule)) == {"sentence": "The contact's language is “de”."}


def test_faults_come_with_their_places(admin_client):
    answer = ask(admin_client, json.dumps({"any": [{"field": "contact.language", "op": "gte", "value": None}]}))

    assert answer == {"faults": [{"pointer": "/any/0/value", "message": "“gte” expects a number or a text."}]}


@pytest.mark.parametrize("body", ["", "{", "[" * 100_000, "\\ud800"])
def test_what_is_no_json_is_said_to_be_none(admin_client, body):
    assert ask(admin_client, body)["faults"] == [{"pointer": "", "message": "This is no JSON."}]


def test_an_event_type_is_found_by_its_id_or_its_name(admin_client):
    event_type = make_event_type(schema={"properties": {"total": {"type": "number"}}})

    for query in ({"id": event_type.pk}, {"name": event_type.name}):
        answer = admin_client.get(reverse(OFFER), query).json()
        assert "event.payload.total" in {field["path"] for field in answer["fields"]}


@pytest.mark.parametrize("query", [{}, {"id": "x"}, {"id": "9" * 30}, {"id": "²"}, {"name": "\0"}, {"name": "Unheard"}])
def test_without_an_event_type_there_are_only_the_contacts_fields(admin_client, query):
    answer = admin_client.get(reverse(OFFER), query).json()

    assert {field["path"].split(".")[0] for field in answer["fields"]} == {"contact"}


def test_what_was_just_made_is_offered_at_once(admin_client):
    admin_client.get(reverse(OFFER))
    make_segment({}, key="vip", name="Big spenders")

    assert admin_client.get(reverse(OFFER)).json()["segments"] == [{"key": "vip", "name": "Big spenders"}]


def test_who_may_not_see_personal_values_is_suggested_none(client, admin_client):
    for _ in range(2):
        make_contact(attributes={"plan": "pro"})
    ana = User.objects.create_user("ana", is_staff=True)
    client.force_login(ana)

    assert "pro" in admin_client.get(reverse(OFFER)).content.decode()
    assert "pro" not in client.get(reverse(OFFER)).content.decode()
    ana.user_permissions.set(Permission.objects.filter(codename="view_personal"))
    client.force_login(User.objects.get(pk=ana.pk))
    assert "pro" in client.get(reverse(OFFER)).content.decode()


def test_strangers_are_asked_to_log_in(client):
    assert client.get(reverse(OFFER)).status_code == 302
    assert client.post(reverse(SENTENCE)).status_code == 302
