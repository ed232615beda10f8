"""The API as a backend service meets it."""

import pytest

from automation.api.keys import make_key
from automation.api.models import Scope
from automation.core.redis import client
from tests.automation.api.service import Service


@pytest.fixture
def service(db: None) -> Service:
    """A service that may do everything."""
    _, secret = make_key(name="shop", scopes=list(Scope))
    return Service(secret)


@pytest.fixture(autouse=True)
def no_counts() -> None:
    """Keys of other tests had the same ids."""
    if names := client().keys("throttle:*"):
        client().delete(*names)
