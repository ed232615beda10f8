"""Whom the tests of simulating walk through drafts."""

import pytest

from tests.factories import make_contact


@pytest.fixture
def ana():
    return make_contact(email="ana@example.com", time_zone="Europe/Berlin", attributes={"plan": "free"})
