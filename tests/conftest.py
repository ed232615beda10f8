"""What every test may rely on. Sockets reach this machine only (pyproject.toml); pumps run when a test calls them."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import hypothesis
import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from deploy.local import rabbitmq
from deploy.local.environment import EXTERNAL
from deploy.local.stack import Stack

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SLOW_FOLDERS = {"e2e": 300, "browser": 120}  # Marker of the same name, and seconds a test may take.

# A busy machine makes no example wrong: pyproject's timeout bounds the whole test.
hypothesis.settings.register_profile("signalpost", deadline=None)
hypothesis.settings.load_profile("signalpost")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in tests/e2e and tests/browser carry the marker of their folder, so that `-m "not e2e"` leaves them out."""
    here = Path(__file__).parent
    for item in items:
        folder = item.path.relative_to(here).parts[0]
        if folder in SLOW_FOLDERS:
            item.add_marker(folder)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(SLOW_FOLDERS[folder]))


def without(missing: str) -> NoReturn:
    """Skip the test because something is not installed. In CI that is a failure: nothing is left out there."""
    if os.environ.get("CI"):
        pytest.fail(f"CI runs every test, but: {missing}")
    pytest.skip(missing)


@pytest.fixture(autouse=True)
def no_wakes(settings: Settings) -> None:
    """Committing publishes nothing to Celery. A test about wakes sets `settings.WAKE = True` itself."""
    settings.WAKE = False


@pytest.fixture(scope="session", autouse=True)
def no_stray_connections(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Threads of tests may still hold a connection at the very end, and the database could not be dropped then.

    Where no test wants a database, none is made, and this is the developer's own: nobody is thrown out of that.
    """
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND datname LIKE 'test%' AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session")
def rabbitmq_is_installed() -> None:
    """For tests that start a `Stack(broker="rabbitmq")` of their own."""
    if missing := rabbitmq.why_missing():
        without(missing)


@pytest.fixture(scope="session")
def rabbitmq_url(rabbitmq_is_installed: None) -> Iterator[str]:
    """The URL of a private RabbitMQ node that runs until the end of the session."""
    others = {name: "unused" for name in EXTERNAL if name != "CELERY_BROKER_URL"}
    with Stack(broker="rabbitmq", external=others) as node:
        yield node.env["CELERY_BROKER_URL"]


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """A Chromium for Playwright's `executable_path`. As root it needs the argument `--no-sandbox`."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    without("Chromium is not installed: apt-get install chromium")
