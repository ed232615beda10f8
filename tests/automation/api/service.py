"""A backend service with an API key, as it sees the API: over HTTP."""

import json
from typing import Any
from uuid import uuid4

from django.test import Client


class Service:
    """Posts JSON. A str or bytes is sent as it is, anything else is encoded."""

    def __init__(self, secret: str = "") -> None:
        self.authorization = {"Authorization": f"Bearer {secret}"} if secret else {}
        self._client = Client(headers=self.authorization)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.request("POST", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> Any:
        return self.request("PUT", path, body, **headers)

    def get(self, path: str) -> Any:
        return self._client.get(path)

    def request(self, method: str, path: str, body: Any = b"", **headers: str) -> Any:
        content = body if isinstance(body, bytes | str) else json.dumps(body)
        return self._client.generic(method, path, content, "application/json", headers=headers)

    def post_event(self, **fields: Any) -> Any:
        return self.post("/api/v1/events/", an_event(**fields))

    def post_batch(self, *events: Any) -> Any:
        return self.post("/api/v1/events/batch/", {"events": events})


def an_event(**fields: Any) -> dict[str, Any]:
    """The smallest event that can be sent, of a type that must exist."""
    return {"event_id": str(uuid4()), "event_type": "OrderCompleted", "user_id": "4711", **fields}


def faults_of(problem: Any) -> dict[str, str]:
    """Pointer to code, of a problem's errors."""
    return {error["pointer"]: error["code"] for error in problem.get("errors", ())}


def assert_problem(response: Any, status: int) -> Any:
    """It is a problem as RFC 9457 has them. Returns its members."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert {"type", "title", "detail"} < problem.keys()
    assert problem["status"] == status
    return problem
