"""A person outside who posts events, reads mail and asks the database: for end-to-end and fault tests. No Django."""

import json
import re
import time
import uuid
from collections.abc import Callable
from html import unescape
from typing import Any

import psycopg
import requests

from deploy.local.stack import Stack


class Outside:
    """What a backend service, a reader and an operator can see and do. No Django."""

    def __init__(self, stack: Stack, api_key: str) -> None:
        self.stack = stack
        self.http = requests.Session()
        self.http.trust_env = False
        self._headers = {"Authorization": f"Bearer {api_key}"}

    def put_contact(self, external_id: str, email: str, **fields: Any) -> None:
        url = f"{self.stack.url}/api/v1/contacts/{external_id}/"
        answer = self.http.put(url, json={"email": email, **fields}, headers=self._headers, timeout=10)
        assert answer.status_code in {200, 201}, answer.text

    def post_event(self, event_type: str, external_id: str, payload: Any, **fields: Any) -> requests.Response:
        event = {"event_id": str(uuid.uuid4()), "event_type": event_type, "user_id": external_id, "payload": payload}
        url = f"{self.stack.url}/api/v1/events/"
        return self.http.post(url, json={**event, **fields}, headers=self._headers, timeout=10)

    def post_batch(self, events: list[dict[str, Any]]) -> None:
        url = f"{self.stack.url}/api/v1/events/batch/"
        answer = self.http.post(url, json={"events": events}, headers=self._headers, timeout=30)
        assert answer.status_code == 200, answer.text
        assert {one["status"] for one in answer.json()["results"]} == {202}

    def order_receipts(self, count: int, *, local: str) -> None:
        """`count` people complete an order each: one transactional mail to each of them."""
        self.rows(
            "INSERT INTO automation_contact"
            " (external_id, email, attributes, time_zone, language, region, created_at, updated_at)"
            " SELECT %s || n, %s || n || '@example.com', '{}', '', '', '', now(), now()"
            " FROM generate_series(0, %s) AS n RETURNING 1",
            local, local, count - 1,
        )  # fmt: skip
        orders = [
            {
                "event_id": str(uuid.uuid4()),
                "event_type": "OrderCompleted",
                "user_id": f"{local}{number}",
                "payload": {"order_id": f"o-{number}", "total": 10},
            }
            for number in range(count)
        ]
        for start in range(0, count, 100):
            self.post_batch(orders[start : start + 100])

    def journal(self, to: str = "") -> list[dict[str, Any]]:
        """What the ESP has taken, to addresses that begin with `to`."""
        text = self.stack.journal.read_text() if self.stack.journal.exists() else ""
        entries = [json.loads(line) for line in text.split("\n")[:-1]]  # The last one may just be being written.
        return [entry for entry in entries if entry["to"].startswith(to)]

    def accepted(self, to: str = "") -> list[dict[str, Any]]:
        return [entry for entry in self.journal(to) if entry["outcome"].startswith("accepted")]

    def set_mode(self, **mode: Any) -> None:
        answer = self.http.post(f"{self.stack.sandbox_url}/mode", json=mode, timeout=5)
        assert answer.status_code == 200, answer.text

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self.database() as connection:
            return connection.execute(query, parameters).fetchall()

    def database(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """A connection on which nothing takes for ever: a test that waits for a lock shall say so."""
        url = self.stack.env["DATABASE_URL"]
        return psycopg.connect(url, autocommit=True, connect_timeout=10, options="-c statement_timeout=60s")

    def messages(self, to: str = "") -> list[tuple[str, str]]:
        """(status, reason) of the messages to addresses that begin with `to`."""
        return self.rows("SELECT status, reason FROM automation_message WHERE to_email LIKE %s", f"{to}%")

    def mail(self, esp_id: str) -> str:
        return self.http.get(f"{self.stack.sandbox_url}/mails/{esp_id}", timeout=5).text

    def unsubscribe_link(self, esp_id: str) -> str:
        text = unescape(unescape(self.mail(esp_id)))  # The page shows the mail's source.
        found = re.search(r"https?://[^\s\"<>&]+/u/[^\s\"<>&]+/", text)
        assert found, "the mail has no unsubscribe link"
        return found.group()


def wait_until(condition: Callable[[], Any], *, seconds: float = 20, what: str = "") -> Any:
    """The condition's value once it is true; fails after `seconds`."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what or condition}")
        time.sleep(0.05)
    return value
