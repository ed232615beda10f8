from collections.abc import Callable
from pathlib import Path

import pytest

from automation.management.configuration.apply import apply
from automation.management.configuration.changes import Report
from automation.management.configuration.faults import ConfigurationInvalid

SHOP = """
esp_accounts:
  main: {provider: postmark, settings_env: ESP_MAIN}
senders:
  shop: {account: main, email: shop@example.com}
topics:
  offers: {name: Offers}
event_types:
  SignedUp:
    schema: {type: object, properties: {name: {type: string}}, additionalProperties: false}
templates:
  hello:
    name: Hello
    variables:
      name: {path: event.payload.name, default: there}
    variants:
      default: {subject: "Hello {{ name }}", html: <p>Hello</p>}
      de: {subject: "Hallo {{ name }}", html: <p>Hallo</p>}
flows:
  welcome:
    name: Welcome
    trigger: SignedUp
    topic: offers
    sender: shop
    steps:
      - send: hello
      - wait: 3d
      - send: hello
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the tests' configuration stands; files that it names lie beside it."""
    return tmp_path / "shop.yaml"


@pytest.fixture
def apply_text(file: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Report]:
    """Apply a configuration given as text."""
    monkeypatch.setenv("ESP_MAIN", "{}")

    def apply_it(text: str, **options: bool) -> Report:
        file.write_text(text, encoding="utf-8")
        return apply(file=file, **options)

    return apply_it


@pytest.fixture
def faults_of(apply_text: Callable[..., Report]) -> Callable[[str], list[str]]:
    """What is told about a configuration that cannot be applied."""

    def told(text: str) -> list[str]:
        with pytest.raises(ConfigurationInvalid) as raised:
            apply_text(text)
        return [str(fault) for fault in raised.value.faults]

    return told
