"""The one shape of every error: problem details for HTTP APIs (RFC 9457), as application/problem+json.

`type` is always about:blank: the status says what kind of problem it is. `errors` has a JSON pointer into the request,
a stable code and a text for each fault.
"""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import UnreadablePostError
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from automation.core.faults import Fault, Refused
from automation.core.json import JsonObject

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
# Faults that the client's HTTP library should hear of by a status of its own. All others: 422.
STATUS_OF_CODE = {"malformed": 400, "too_large": 413}
RETRY_AFTER_S = 5  # While PostgreSQL is away.


def problem(status: int, detail: str, faults: Iterable[Fault] = (), *, below: str = "") -> JsonObject:
    """Problem details. `below` is the pointer, into the request, of what the faults' pointers start from."""
    members: JsonObject = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors := [{"pointer": below + pointer, "code": code, "detail": message} for pointer, code, message in faults]:
        members["errors"] = errors
    return members


def refusal(faults: Sequence[Fault], *, below: str = "") -> JsonObject:
    """Problem details of something that cannot be taken because of its faults."""
    detail = faults[0].message if len(faults) == 1 else f"There are {len(faults)} faults; see errors."
    return problem(STATUS_OF_CODE.get(faults[0].code, 422), detail, faults, below=below)


def respond(members: JsonObject, headers: Mapping[str, str] | None = None) -> Response:
    return Response(members, members["status"], headers=headers, content_type=MEDIA_TYPE)


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler. Whatever went wrong, the client learns what concerns it and nothing of our insides."""
    members, headers = _told(error)
    if members["status"] == 500:
        request = context["request"]
        log.error("request_failed", method=request.method, route=request.resolver_match.route, exc_info=error)
        got_request_exception.send(sender=None, request=request._request)  # noqa: SLF001  # As Django does.
    return respond(members, headers)


def _told(error: Exception) -> tuple[JsonObject, dict[str, str]]:
    """Problem details and headers."""
    match error:
        case Refused():
            return refusal(error.faults), {}
        case APIException():
            return problem(error.status_code, str(error.detail)), _headers(error)
        case UnreadablePostError():
            return problem(400, "The body ended too early."), {}
        case OperationalError() | InterfaceError():
            log.warning("database_away", error=type(error).__name__)
            detail = "The database is away. Send it again later: what was stored counts once."
            return problem(503, detail), {"Retry-After": str(RETRY_AFTER_S)}
        case _:
            return problem(500, "Something went wrong here, and is logged. Sending it again is safe."), {}


def _headers(error: APIException) -> dict[str, str]:
    wanted = {"WWW-Authenticate": getattr(error, "auth_header", None), "Retry-After": getattr(error, "wait", None)}
    return {name: str(value) for name, value in wanted.items() if value}
