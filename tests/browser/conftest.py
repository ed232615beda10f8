"""A Chromium that is logged in to the admin of a live server."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connections
from playwright.sync_api import Page, sync_playwright


@pytest.fixture
def page(chromium_path: str, live_server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """The admin's first page. Whatever a script complains of fails the test."""
    User.objects.create_superuser("ana", password="sesame")
    # Playwright's loop runs in this thread for as long as it is open; the ORM takes that for an asynchronous view.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        page = browser.new_page(base_url=live_server.url, viewport={"width": 1280, "height": 900})
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/admin/")
        page.get_by_label("Username").fill("ana")
        page.get_by_label("Password").fill("sesame")
        page.get_by_role("button", name="Log in").click()
        page.get_by_text("What waits for a worker").wait_for()
        yield page
        browser.close()
        connections.close_all()  # Beside a running loop Django keeps others, which nobody else closes.
    assert complaints == []
