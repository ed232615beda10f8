"""Contacts, event types, ESP accounts and API keys: what is typed, what is refused, and what is never shown."""

from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from automation.api.keys import find_key, make_key
from automation.api.models import ApiKey, Scope
from automation.contacts.models import Contact
from automation.delivery.models import EspAccount
from automation.delivery.pause import pause_account
from automation.events.models import EventType
from tests.automation.admin.pages import filled_in, press, said, save, url
from tests.factories import make_account, make_contact, make_enrollment, make_event, make_event_type, make_message

pytestmark = pytest.mark.django_db


def page(client, row) -> str:
    return " ".join(unescape(client.get(url(type(row), "change", row.pk)).content.decode()).split())


def errors(response) -> dict[str, list[str]]:
    assert response.status_code == 200
    return {name: list(said) for name, said in response.context["adminform"].form.errors.items()}


def add(client, model, **typed):
    return client.post(url(model, "add"), {**filled_in(client.get(url(model, "add"))), **typed})


# Contacts


def test_a_contact_is_found_by_the_beginning_of_its_id_or_address(admin_client):
    ana = make_contact(external_id="user-42", email="ana@shop.example.com")
    make_contact()

    for typed in ("user-4", "ana@shop"):
        assert list(admin_client.get(url(Contact, "changelist"), {"q": typed}).context["cl"].result_list) == [ana]


def test_a_contacts_page_shows_what_happened_to_it(admin_client):
    ana = make_contact()
    enrollment = make_enrollment(contact=ana)
    message, event = make_message(contact=ana), make_event(contact=ana)

    enrollments, messages, events, _segments = admin_client.get(url(Contact, "change", ana.pk)).context["tables"]

    assert str(enrollment.pk) in enrollments.rows[0][0]
    assert str(message.pk) in messages.rows[0][0]
    assert {str(event.pk), str(enrollment.event_id)} == {row[0].split("/event/")[1][:36] for row in events.rows}


def test_a_contact_is_spelled_as_the_api_would(admin_client):
    ana = make_contact()

    save(admin_client, ana, language="pt-br", region="eu", time_zone="Europe/Lisbon", attributes='{"plan": "pro"}')

    ana.refresh_from_db()
    assert (ana.language, ana.region, ana.time_zone, ana.attributes) == (
        "pt-BR",
        "EU",
        "Europe/Lisbon",
        {"plan": "pro"},
    )


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("time_zone", "Mars/Olympus", "IANA"),
        ("language", "klingonish!", "BCP 47"),
        ("region", "?", "region"),
        ("email", "ana@", "email"),
        ("email", "ana@localhost", "domain"),
        ("attributes", "[1]", "object"),
    ],
)
def test_what_the_api_refuses_of_a_contact_is_refused_here(admin_client, field, typed, said):
    [complaint, *_] = errors(save(admin_client, make_contact(), **{field: typed}))[field]

    assert said in complaint


def test_a_contact_may_be_emptied(admin_client):
    ana = make_contact(language="en", attributes={"a": 1})

    save(admin_client, ana, email="", language="", attributes="")

    ana.refresh_from_db()
    assert (ana.email, ana.language, ana.attributes) == ("", "", {})


# Event types


def test_an_event_type_is_made(admin_client):
    schema, sample = '{"type": "object", "required": ["total"]}', '{"total": 5}'

    response = add(admin_client, EventType, name="OrderCompleted", schema=schema, sample=sample, pii_paths="a.b\nc")

    assert response.status_code == 302
    made = EventType.objects.get(name="OrderCompleted")
    assert (made.schema["required"], made.sample, made.pii_paths) == (["total"], {"total": 5}, ["a.b", "c"])


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"schema": '{"type": "thing"}'}, "schema", "This is not a JSON Schema that can be used."),
        ({"schema": '{"$ref": "http://example.com/s"}'}, "schema", "This is not a JSON Schema that can be used."),
        ({"schema": '{"required": ["a"]}', "sample": '{"b": 1}'}, "sample", "/a: This field is required."),
        ({"schema": "{"}, "schema", "Line 1"),
        ({"name": "email.opened2"}, "name", "Names that begin with email."),
        ({"name": ""}, "name", "This field is required."),
    ],
)
def test_an_event_type_that_cannot_work_is_refused_in_words(admin_client, typed, field, said):
    [complaint, *_] = errors(add(admin_client, EventType, **{"name": "OrderCompleted", **typed}))[field]

    assert complaint.startswith(said)


def test_the_types_of_the_esps_feedback_are_not_edited(admin_client):
    ours = EventType.objects.get(name="email.opened")

    assert admin_client.post(url(EventType, "change", ours.pk), {}).status_code == 403


def test_an_event_type_keeps_its_name(admin_client):
    event_type = make_event_type()

    save(admin_client, event_type, name="Other", description="Changed")

    event_type.refresh_from_db()
    assert (event_type.name == "Other", event_type.description) == (False, "Changed")


# ESP accounts


def test_an_account_says_whether_its_secrets_are_there_and_never_what_they_are(admin_client, monkeypatch):
    account = make_account(settings_env="ESP_SHOWN")
    assert "the environment has no ESP_SHOWN" in page(admin_client, account)

    monkeypatch.setenv("ESP_SHOWN", "{oops")
    assert "ESP_SHOWN is not a JSON object" in page(admin_client, account)

    monkeypatch.setenv("ESP_SHOWN", '{"server_token": "s3cret", "webhook_secret": "user:pass"}')
    shown = page(admin_client, account) + admin_client.get(url(EspAccount, "changelist")).content.decode()
    assert "server_token, webhook_secret" in shown
    assert "s3cret" not in shown
    assert "user:pass" not in shown


def test_an_account_shows_the_address_for_the_esp(admin_client, settings):
    settings.PUBLIC_URL = "https://mail.example.com"

    assert "https://mail.example.com/webhooks/shop/" in page(admin_client, make_account(key="shop"))


def test_a_secret_is_not_taken_for_the_name_of_a_variable(admin_client):
    complaints = errors(save(admin_client, make_account(), settings_env='{"server_token": "s3cret"}'))

    assert complaints["settings_env"] == ["Write the name of a variable, such as ESP_MAIN, not its value."]


def test_an_account_is_paused_with_a_reason_and_resumed(admin_client):
    account = make_account()

    without = press(admin_client, account, "pause", reason="")
    account.refresh_from_db()
    assert (without.status_code, account.status) == (200, "active")

    press(admin_client, account, "pause", reason="Their bill")
    account.refresh_from_db()
    assert (account.status, account.paused_reason, account.paused_by) == ("paused", "Their bill", "root")
    assert "Paused by root" in page(admin_client, account)

    press(admin_client, account, "resume")
    account.refresh_from_db()
    assert (account.status, account.paused_reason, account.paused_by) == ("active", "", "")


def test_who_comes_second_to_pause_an_account_is_told_so(admin_client):
    account = make_account()
    pause_account(account, reason="Too many complaints.", by="brake: complaints")

    response = press(admin_client, account, "pause", reason="Their bill")

    account.refresh_from_db()
    assert (account.paused_by, said(response)) == ("brake: complaints", ["It was paused already."])


@pytest.mark.parametrize(
    ("after", "shown"),
    [(1, ["breaker open", "one message tries it"]), (-1, ["trying one message", "may try it since"])],
)
def test_an_account_shows_its_breaker_and_an_operator_closes_it(admin_client, after, shown):
    until = timezone.now() + timedelta(minutes=after)
    account = make_account(trips=2, open_until=until, trip_reason="10 of the last 10 calls failed")

    told = page(admin_client, account)
    assert all(words in told for words in [*shown, "has opened 2 times in a row", "10 of the last 10 calls failed"])

    press(admin_client, account, "resume")
    account.refresh_from_db()
    assert account.trips == 0
    assert "has opened" not in page(admin_client, account)


def test_an_accounts_brakes_and_batch_calls_are_edited(admin_client):
    account = make_account()

    save(admin_client, account, max_error_percent="20", max_complaint_percent="", batch_calls="on")

    account.refresh_from_db()
    assert (account.max_error_percent, account.max_complaint_percent, account.batch_calls) == (20, None, True)


def test_batch_calls_are_refused_where_the_provider_takes_none(admin_client):
    complaints = errors(save(admin_client, make_account(provider="brevo"), batch_calls="on"))

    assert complaints["batch_calls"][0].startswith("Brevo takes no batch")
    assert "provider" in errors(save(admin_client, make_account(), provider="", batch_calls="on"))


@pytest.mark.parametrize(
    ("field", "typed"), [("rate_limit", "0"), ("rate_limit", "nan"), ("burst", "0"), ("key", "A b")]
)
def test_a_pace_that_makes_no_sense_is_refused(admin_client, field, typed):
    assert field in errors(add(admin_client, EspAccount, **{"key": "k", "settings_env": "ESP", field: typed}))


# API keys


def test_a_new_key_is_shown_once_and_works(admin_client):
    response = add(admin_client, ApiKey, name="Shop", scopes=["events:write"])

    shown = response.content.decode()
    [key] = ApiKey.objects.all()
    secret = shown.split('id="api-key" class="select-all">')[1].split("<")[0]
    assert find_key(secret) == key
    assert (key.name, key.scopes) == ("Shop", ["events:write"])
    assert "no-store" in response["Cache-Control"]
    assert secret not in page(admin_client, key)
    assert secret not in admin_client.get(url(ApiKey, "changelist")).content.decode()


def test_a_key_that_could_never_be_used_is_refused(admin_client):
    yesterday = {"expires_at_0": (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%d"), "expires_at_1": "12:00"}

    assert "expires_at" in errors(add(admin_client, ApiKey, name="Shop", scopes=["events:write"], **yesterday))
    assert "scopes" in errors(add(admin_client, ApiKey, name="Shop", scopes=[]))
    assert not ApiKey.objects.exists()


def test_a_key_is_edited_and_revoked_but_not_deleted(admin_client):
    key, _ = make_key(name="shop", scopes=[Scope.EVENTS_WRITE])

    save(admin_client, key, name="Shop", scopes=["contacts:write"])
    press(admin_client, key, "revoke")
    admin_client.post(url(ApiKey, "delete", key.pk), {"post": "yes"})

    key.refresh_from_db()
    assert (key.name, key.scopes) == ("Shop", ["contacts:write"])
    assert key.revoked_at is not None
    assert "revoked" in page(admin_client, key)
