"""Taking a request's body in. What it says is read by the stage that knows what it expects."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import APIException, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from automation.core.faults import Fault, Refused

# A batch of 1,000 events of 5 KB. A process holds a few such bodies at once, so this bounds its memory.
MAX_BODY_BYTES = 5 * 1024 * 1024


class BodyTooLarge(APIException):
    status_code = 413
    default_detail = f"A request's body may have {MAX_BODY_BYTES // 1024 // 1024} MiB at most."


class LengthRequired(APIException):
    status_code = 411
    default_detail = "Send a Content-Length: this server does not read chunked bodies."


class JsonParser(BaseParser):
    """Yields the bytes of a JSON body, within MAX_BODY_BYTES."""

    media_type = "application/json"

    def parse(  # type: ignore[override]  # DRF takes whatever a parser makes of a body.
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> bytes:
        headers = (parser_context or {})["request"].headers
        encoding = headers.get("Content-Encoding", "identity")
        if encoding.lower() != "identity":
            raise UnsupportedMediaType(media_type or "", f"Send the body as it is: “{encoding}” is not decoded here.")
        if int(headers["Content-Length"]) > MAX_BODY_BYTES:  # Django never reads further than this header says.
            _drain(stream)
            raise BodyTooLarge
        body: bytes = stream.read()
        return body


def _drain(stream: IO[Any]) -> None:
    """Drop what is still coming, within reason: most HTTP clients send it all before they look for an answer."""
    for _ in range(10):
        if not stream.read(MAX_BODY_BYTES):
            return


def body_of(request: Request) -> bytes:
    """The body's bytes. Raises what is right when there is none."""
    body: Any = request.data  # An empty dict, from DRF, when there is no body.
    if isinstance(body, bytes):
        return body
    if "Transfer-Encoding" in request.headers:
        raise LengthRequired
    raise Refused(Fault("", "malformed", "The body is empty."))
