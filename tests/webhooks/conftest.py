from collections.abc import Iterator

import pytest

from tests.webhooks.esps import CERTIFICATE_URL, certificate, rsa_key
from webhooks import sns
from webhooks.door import forget_doors


@pytest.fixture(autouse=True)
def no_doors_of_other_tests() -> Iterator[None]:
    yield
    forget_doors()


class Amazon:
    """What stands behind SNS' URLs, and what of it was asked for."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {CERTIFICATE_URL: certificate(rsa_key())}
        self.asked: list[str] = []

    def fetch(self, url: str) -> bytes:
        self.asked.append(url)
        if url not in self.answers:
            raise OSError("nobody there")
        return self.answers[url]


@pytest.fixture(autouse=True)
def amazon(monkeypatch) -> Amazon:
    """Stands in for the internet, wherever SNS' certificates are asked for."""
    stand_in = Amazon()
    sns.forget_certificates()
    monkeypatch.setattr("webhooks.sns.fetch", stand_in.fetch)
    return stand_in
