"""What the sandbox says and hears, as values: requests, and answers that may come whole, late, broken or never."""

from enum import StrEnum
from http import HTTPStatus
from urllib.parse import parse_qsl

from msgspec import Struct

MAX_BODY = 50 * 1024 * 1024  # Postmark's limit for a batch, the largest of those we speak.
REASONS = {status.value: status.phrase for status in HTTPStatus}


class Request(Struct, gc=False):
    """One request. Header names are in lower case; of a repeated header the last counts."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    keep_alive: bool
    body: bytes = b""

    @property
    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(self.query))


class Ending(StrEnum):
    """What becomes of the answer on its way."""

    WHOLE = "whole"
    SILENT = "silent"  # Nothing is written, and the connection stays open until the client gives up.
    HANG_UP = "hang up"  # Nothing is written, and the connection is closed.
    CUT = "cut"  # Half of the body is written, and the connection is closed.
    RESET = "reset"  # Half of the body is written, and the connection is reset (RST).


class Answer(Struct, gc=False):
    """What is to be done about a request. Times are in seconds."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    ending: Ending = Ending.WHOLE
    delay: float = 0.0
    idle_close: float | None = None  # Close the connection once it has then been idle for so long.

    @property
    def cut(self) -> bool:
        return self.ending in (Ending.CUT, Ending.RESET)


def parse_head(head: str) -> tuple[Request, int] | Answer:
    """Read a request's head, without the empty line. Returns the request and the length of its body, or an error."""
    start, *lines = head.split("\r\n")
    try:
        method, target, version = start.split(" ")
        fields = [line.split(":", 1) for line in lines]
        headers = {name.lower(): value.strip() for name, value in fields}
        length = int(headers.get("content-length", 0))
    except ValueError:
        return plain_error(400, "This is not HTTP/1.1.")
    if "transfer-encoding" in headers:
        return plain_error(411, "Send a Content-Length: chunked bodies are not read here.")
    if not 0 <= length <= MAX_BODY:
        return plain_error(413, f"A body may have at most {MAX_BODY} bytes.")
    path, _, query = target.partition("?")
    connection = headers.get("connection", "").lower()
    keep_alive = connection != "close" and (version != "HTTP/1.0" or connection == "keep-alive")
    return Request(method, path, query, headers, keep_alive), length


def encode(answer: Answer, *, keep_alive: bool) -> bytes:
    """The bytes of an answer, as far as its ending lets them be written."""
    extra = "".join([f"{name}: {value}\r\n" for name, value in answer.headers])
    if not keep_alive:
        extra += "Connection: close\r\n"
    head = (
        f"HTTP/1.1 {answer.status} {REASONS[answer.status]}\r\nContent-Type: {answer.content_type}\r\n"
        f"Content-Length: {len(answer.body)}\r\n{extra}\r\n"
    )
    body = answer.body[: len(answer.body) // 2] if answer.cut else answer.body
    return head.encode("latin-1") + body


def plain_error(status: int, detail: str) -> Answer:
    return Answer(status, f"{detail}\n".encode(), "text/plain; charset=utf-8")
