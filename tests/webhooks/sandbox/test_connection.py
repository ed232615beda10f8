"""The protocol, byte by byte."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

BODY = b'{"From": "shop@example.com", "To": "ana@example.com", "Subject": "%d", "TextBody": "Text"}'


@contextmanager
def connected(sandbox) -> Iterator[socket.socket]:
    address = urlsplit(sandbox.url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        yield connection


def request(number=1, *, headers="", version="HTTP/1.1", body=BODY):
    body = body % number if b"%d" in body else body
    head = f"POST /demo/postmark/email {version}\r\nX-Postmark-Server-Token: any\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def read_to_the_end(connection):
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def test_a_request_may_come_byte_by_byte(sandbox):
    with connected(sandbox) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in request(headers="Connection: close\r\n"):
            connection.send(bytes([byte]))
        answer = read_to_the_end(connection)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert sandbox.outcomes() == ["accepted"]


@pytest.mark.parametrize("latency_ms", [0, 30])
def test_requests_sent_at_once_are_answered_in_order(sandbox, latency_ms):
    sandbox.set_mode(latency_ms=latency_ms)
    with connected(sandbox) as connection:
        connection.sendall(request(1) + request(2) + request(3, headers="Connection: close\r\n"))
        answers = read_to_the_end(connection)

    lines = sandbox.journal()
    places = [answers.index(line["esp_id"].encode()) for line in lines]
    assert [line["subject"] for line in lines] == ["1", "2", "3"]
    assert places == sorted(places)


def test_a_connection_is_kept_alive_until_it_is_asked_to_close(sandbox):
    with connected(sandbox) as connection:
        for number in range(3):
            connection.sendall(request(number))
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
        connection.sendall(request(4, headers="Connection: close\r\n"))
        last = read_to_the_end(connection)

    assert b"Connection: close\r\n" in last


def test_http_1_0_closes_after_its_answer(sandbox):
    with connected(sandbox) as connection:
        connection.sendall(request(version="HTTP/1.0"))
        answer = read_to_the_end(connection)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_client_that_waits_before_its_body_is_told_to_go_on(sandbox):
    head, body = request(headers="Expect: 100-continue\r\nConnection: close\r\n").split(b"\r\n\r\n")
    with connected(sandbox) as connection:
        connection.sendall(head + b"\r\n\r\n")
        invited = connection.recv(65536)
        connection.sendall(body)
        answer = read_to_the_end(connection)

    assert invited == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"hello\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000, b"431"),
    ],
)
def test_what_cannot_be_read_is_refused_and_the_connection_closed(sandbox, sent, status):
    with connected(sandbox) as connection:
        connection.sendall(sent)
        answer = read_to_the_end(connection)

    assert answer.startswith(b"HTTP/1.1 " + status)
    assert sandbox.journal() == []


def test_a_client_that_leaves_before_its_answer_harms_nobody(sandbox, send_by_anymail):
    sandbox.set_mode(latency_ms=50, count=1)
    with connected(sandbox) as connection:
        connection.sendall(request())

    send_by_anymail(sandbox)

    assert sandbox.outcomes() == ["accepted", "accepted"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("POST", "/demo/sendgrid/mail", 404),
        ("POST", "/demo/postmark/email/bulk", 404),
        ("POST", "/de%20mo/postmark/email", 404),
        ("GET", "/demo/postmark/email", 405),
        ("GET", "/mails/unknown", 404),
    ],
)
def test_what_is_not_there_is_said_to_be_so(sandbox, method, path, status):
    assert sandbox.http.request(method, f"{sandbox.url}{path}").status_code == status


def test_a_body_of_megabytes_is_read(sandbox):
    body = b'{"From": "shop@example.com", "To": "ana@example.com", "TextBody": "' + b"x" * 8_000_000 + b'"}'
    with connected(sandbox) as connection:
        connection.sendall(request(body=body, headers="Connection: close\r\n"))
        answer = read_to_the_end(connection)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
