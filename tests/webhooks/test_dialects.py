"""Every ESP's webhooks: through HTTP, with their real proof, and understood as what they are."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.test import Client

from automation.delivery.providers import Provider
from suppression.address import hash_address
from tests.webhooks.esps import ESPS, make_esp_account, post, public
from tests.webhooks.factories import make_row
from tests.webhooks.payloads import ANA, EXAMPLES, OUR_ID, Example
from tests.webhooks.words import WORDS
from webhooks.dialects import SPOKEN, dialect_of
from webhooks.door import door_of
from webhooks.models import InboxEvent
from webhooks.understand import understand

pytestmark = pytest.mark.django_db

# They do not give our metadata back: facts about them, not about us.
FORGETFUL = {"mailersend", "postal"}


def payload_of(provider: str) -> Any:
    return next(example.payload for example in EXAMPLES if example.provider == provider)


def somebody_elses(provider: str) -> dict[str, str]:
    """Secrets of the same kinds as this ESP's, but others."""
    match ESPS[provider].settings():
        case {"webhook_secret": _}:
            return {"webhook_secret": "user:other"}
        case {"tracking_webhook_verification_key": _}:
            return {"tracking_webhook_verification_key": public(ec.generate_private_key(ec.SECP256R1()))}
        case {"sns_topics": topic}:
            return {"sns_topics": f"{topic}-other"}
        case settings if provider == "postal":
            return {"webhook_key": public(rsa.generate_private_key(public_exponent=65537, key_size=2048))}
        case settings:
            return {name: "b3RoZXI=" if name != "webhook_url" else value for name, value in settings.items()}


def name_of(example: Example) -> str:
    return f"{example.provider}-{example.said.replace('/', '-')}"


@pytest.mark.parametrize("example", EXAMPLES + WORDS, ids=name_of)
def test_an_event_is_taken_and_understood(client: Client, monkeypatch, example: Example) -> None:
    account = make_esp_account(example.provider, monkeypatch)

    response = post(client, account, ESPS[example.provider].call(example.payload))

    assert response.status_code == 200, response.content
    door = door_of(account)
    assert door
    [notice], faults = understand(InboxEvent.objects.get(), door)
    assert faults == []
    assert (notice.kind, notice.said) == (example.kind, example.said)
    if example.said != "contact.created":
        assert notice.address_hash == hash_address(ANA)
        assert notice.message_id == (None if example.provider in FORGETFUL else UUID(OUR_ID))
        assert notice.esp_message_id


@pytest.mark.parametrize("provider", sorted(ESPS))
def test_a_call_without_proof_is_refused(client: Client, monkeypatch, provider: str) -> None:
    account = make_esp_account(provider, monkeypatch)
    call = ESPS[provider].call(payload_of(provider))

    body = call.body.replace(b'"signature"', b'"none"').replace(b'"auth"', b'"none"')

    response = post(client, account, call._replace(headers={}, body=body))

    assert response.status_code in {401, 403}
    assert not InboxEvent.objects.exists()


@pytest.mark.parametrize("provider", sorted(ESPS))
def test_a_call_that_somebody_else_has_signed_is_refused(client: Client, monkeypatch, provider: str) -> None:
    account = make_esp_account(provider, monkeypatch, **somebody_elses(provider))

    response = post(client, account, ESPS[provider].call(payload_of(provider)))

    assert response.status_code == 403
    assert not InboxEvent.objects.exists()


@pytest.mark.parametrize("provider", sorted(ESPS))
def test_every_word_of_the_tables_is_in_some_example(provider: str) -> None:
    dialect = dialect_of(provider)
    assert dialect

    seen = {(one.said, one.kind) for one in EXAMPLES + WORDS if one.provider == provider}

    assert {(said, kind.value) for said, kind in dialect.kinds.items()} - seen == set()


def test_an_inbound_mail_from_mandrill_is_explained_and_costs_no_report(monkeypatch) -> None:
    account = make_esp_account("mandrill", monkeypatch)
    door = door_of(account)
    assert door
    report = {"event": "open", "ts": 1772366400, "_id": "a", "msg": {"email": ANA}}

    for _ in range(2):
        notices, [inbound] = understand(make_row(account, [report, {"event": "inbound", "ts": 1, "msg": {}}]), door)
        assert ([notice.kind for notice in notices], inbound.position) == (["opened"], 1)
        assert "inbound" in inbound.reason


@pytest.mark.parametrize("provider", sorted(ESPS))
def test_what_each_account_needs_is_written_down(provider: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
    dialect = dialect_of(provider)
    assert dialect

    [row] = [line for line in text.splitlines() if line.startswith(f"| {Provider(provider).label} |")]

    assert [name for name in (*dialect.proofs, *dialect.settings) if f"`{name}`" not in row] == []


def test_every_provider_with_a_tracking_view_of_anymails_has_a_dialect_and_examples() -> None:
    assert {provider for provider in Provider if dialect_of(provider)} == SPOKEN == set(ESPS)
    assert {example.provider for example in EXAMPLES} == set(ESPS)
