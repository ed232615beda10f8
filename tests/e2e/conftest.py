"""All of Signalpost as real processes, on either broker, and a person outside."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.stack import Stack
from tests.outside import Outside

DEMO = Path(__file__).parents[2] / "examples" / "demo.yaml"


@pytest.fixture(scope="session", params=["redis", "rabbitmq"])
def outside(request: pytest.FixtureRequest) -> Iterator[Outside]:
    if request.param == "rabbitmq":
        request.getfixturevalue("rabbitmq_is_installed")
    with Stack(broker=request.param, durable=False) as stack:
        stack.prepare(DEMO)
        stack.start()
        yield Outside(stack, stack.create_api_key("tests", "events:write", "contacts:write", "privacy"))
