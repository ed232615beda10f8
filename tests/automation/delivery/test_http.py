"""The lean session: what `requests` would do, over one kept connection."""

import gzip
import json
import ssl
import subprocess
import zlib
from importlib import import_module

import pytest
import requests
from anymail.message import AnymailMessage

from automation.delivery import http
from automation.delivery.errors import NeverConnected
from automation.delivery.http import IDLE_S, LeanSession
from tests.automation.conftest import free_port
from tests.automation.delivery.stub_esp import ACCEPTED, StubEsp, answer, raw, reset, silence

JSON = {"Content-Type": "application/json", "Accept": "application/json"}


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def esp():
    esp = StubEsp()
    yield esp
    esp.close()


@pytest.fixture
def session():
    with LeanSession() as session:
        yield session


@pytest.fixture
def requests_own(monkeypatch):
    """Whether a call was left to requests."""
    calls = []
    own = requests.Session.request
    monkeypatch.setattr(requests.Session, "request", lambda *args, **kwargs: calls.append(1) or own(*args, **kwargs))
    return calls


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1_000.0

        def __call__(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(http, "monotonic", clock)
    return clock


def post(session, esp, body="{}", path="", **options):
    return session.request("POST", esp.url + path, data=body, headers=JSON, timeout=(2, 2), **options)


# --- The connection ---------------------------------------------------------------------------------------------------


def test_many_calls_take_one_connection(session, esp, requests_own):
    for _ in range(20):
        assert post(session, esp).json() == ACCEPTED

    assert (len(esp.requests), esp.connections) == (20, 1)
    assert not requests_own


def test_a_connection_that_was_idle_for_long_is_not_used_again(session, esp, clock):
    post(session, esp)
    clock.now += IDLE_S - 0.1
    post(session, esp)
    assert esp.connections == 1

    clock.now += IDLE_S + 0.1
    post(session, esp)

    assert esp.connections == 2


def test_so_it_is_where_requests_does_the_work(session, esp, clock):
    post(session, esp, {"a": "b"})
    post(session, esp, {"a": "b"})
    assert esp.connections == 1

    clock.now += IDLE_S + 0.1
    post(session, esp, {"a": "b"})

    assert esp.connections == 2


def test_a_connection_that_the_server_has_closed_is_noticed_before_anything_is_written(session, esp):
    post(session, esp)
    esp.hang_up()

    assert post(session, esp).json() == ACCEPTED
    assert (len(esp.requests), esp.connections) == (2, 2)


def test_a_server_that_says_close_is_obeyed(session, esp):
    esp.answers = [answer(keep=False)]

    assert post(session, esp).json() == ACCEPTED
    assert post(session, esp).json() == ACCEPTED

    assert esp.connections == 2


def test_another_host_takes_another_connection(session, esp):
    other = StubEsp()
    for server in (esp, other, esp):
        post(session, server)

    assert (esp.connections, other.connections) == (2, 1)
    other.close()


def test_a_closed_session_can_be_used_again(session, esp):
    post(session, esp)
    session.close()
    session.close()

    assert post(session, esp).ok


@pytest.mark.parametrize(
    "breaks", [reset, raw(b""), raw(b"nonsense\r\n\r\n"), raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9")]
)
def test_after_a_call_that_broke_the_next_one_starts_afresh(session, esp, breaks):
    esp.answers = [breaks, answer()]
    with pytest.raises(requests.ConnectionError):
        post(session, esp)

    assert post(session, esp).json() == ACCEPTED


def test_after_a_call_that_could_not_be_written_the_next_one_starts_afresh(session, esp):
    post(session, esp)
    with pytest.raises(requests.exceptions.InvalidHeader):
        session.request("POST", esp.url, data="{}", headers={"Token": "a\nb"}, timeout=2)

    assert post(session, esp).json() == ACCEPTED
    assert len(esp.requests) == 2


# --- What is sent -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ['{"a": 1}', '{"a": "Olá, 你好 🎩"}', "Olá".encode("latin-1"), "", "x" * 300_000])
@pytest.mark.parametrize("path", ["", "email?a=1&b=%20", "a/b/"])
def test_what_is_sent_is_what_requests_would_send(session, esp, body, path):
    post(session, esp, body, path)
    with requests.Session() as own:
        post(own, esp, body, path)

    lean, full = esp.requests
    assert lean.line == full.line
    assert lean.body == full.body
    left_out = {"accept-encoding"}  # Small answers are not worth compressing.
    assert {(name, value) for name, value in lean.headers if name.lower() not in left_out} == {
        (name, value) for name, value in full.headers if name.lower() not in left_out
    }
    assert lean.header("Host") == f"127.0.0.1:{esp.port}"
    assert lean.header("Accept-Encoding") == "identity"


def test_no_header_is_sent_twice(session, esp):
    session.headers.update({"User-Agent": "anymail", "Idempotency-Key": "1"})

    post(session, esp)

    names = [name.lower() for name, _ in esp.requests[0].headers]
    assert len(names) == len(set(names))
    assert esp.requests[0].header("User-Agent") == "anymail"
    assert esp.requests[0].header("Idempotency-Key") == "1"


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("POST", {"data": {"a": "b"}}),
        ("POST", {"data": [("a", "b")]}),
        ("POST", {"data": "{}", "auth": ("user", "password")}),
        ("POST", {"data": "{}", "params": {"a": "b"}}),
        ("POST", {"files": {"a": b"b"}}),
        ("POST", {"json": {"a": "b"}}),
        ("PUT", {"data": "{}"}),
    ],
)
def test_what_is_no_plain_post_is_left_to_requests(session, esp, requests_own, method, options):
    assert session.request(method, esp.url, timeout=2, **options).json() == ACCEPTED
    assert requests_own


@pytest.mark.parametrize("url", ["http://user:password@127.0.0.1:{port}/", "http://127.0.0.1:{port}/é"])
def test_an_unusual_url_is_left_to_requests(session, esp, requests_own, url):
    assert session.request("POST", url.format(port=esp.port), data="{}", timeout=2).ok
    assert requests_own


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("127.0.0.1/x", requests.exceptions.MissingSchema),
        ("ftp://127.0.0.1/", requests.exceptions.InvalidSchema),
        ("http:///x", requests.exceptions.InvalidURL),
    ],
)
def test_what_is_no_http_url_is_refused_as_requests_does(session, url, error):
    with pytest.raises(error):
        session.request("POST", url, data="{}", timeout=2)


@pytest.mark.parametrize(
    ("variables", "left"),
    [
        ({"http_proxy": "http://127.0.0.1:1"}, True),
        ({"ALL_PROXY": "http://127.0.0.1:1"}, True),
        ({"no_proxy": "x"}, False),
    ],
)
def test_proxies_are_for_requests(esp, requests_own, monkeypatch, variables, left):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    with LeanSession() as session:
        post(session, esp)

    assert bool(requests_own) is left


@pytest.mark.parametrize("headers", [{"Token": "a\nb"}, {"Token": "a\r\nB: c"}, {"To\nken": "a"}, {"Token": "日本"}])
def test_a_header_that_http_forbids_is_refused_before_anything_is_written(session, esp, headers):
    with pytest.raises(requests.exceptions.InvalidHeader):
        session.request("POST", esp.url, data="{}", headers=headers, timeout=2)

    assert not esp.requests


# --- What comes back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 202, 302, 401, 422, 429, 500, 503])
def test_any_status_is_returned_with_its_headers_and_body(session, esp, status):
    esp.answers = [answer(status, {"Message": "é"}, Retry_After="7")]

    response = post(session, esp)

    assert (response.status_code, response.headers["retry-after"]) == (status, "7")
    assert (response.json(), response.text) == ({"Message": "é"}, '{"Message": "\\u00e9"}')
    assert (response.reason, response.url, response.ok) == ("Whatever", esp.url, status < 400)


def test_an_answer_in_chunks_is_put_together(session, esp):
    body = json.dumps(ACCEPTED).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:5], body[5:]))
    esp.answers = [raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n", keep=True)]

    assert [post(session, esp).json() for _ in range(2)] == [ACCEPTED, ACCEPTED]
    assert esp.connections == 1


def test_an_answer_without_a_length_ends_with_the_connection(session, esp):
    esp.answers = [raw(b"HTTP/1.0 200 OK\r\n\r\n" + json.dumps(ACCEPTED).encode())]

    assert [post(session, esp).json() for _ in range(2)] == [ACCEPTED, ACCEPTED]


def test_an_answer_without_a_body_leaves_the_connection_open(session, esp):
    esp.answers = [raw(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", keep=True)]

    assert [post(session, esp).content for _ in range(2)] == [b"", b""]
    assert esp.connections == 1


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_an_answer_that_is_compressed_all_the_same_is_read(session, esp, encoding, compress):
    esp.answers = [answer(200, compress(json.dumps(ACCEPTED).encode()), Content_Encoding=encoding)]

    assert post(session, esp).json() == ACCEPTED


def test_an_answer_that_only_claims_to_be_compressed_is_unreadable_and_no_more(session, esp):
    esp.answers = [answer(200, b"\x1f\x8bnot gzip", Content_Encoding="gzip")]

    with pytest.raises(requests.JSONDecodeError):
        post(session, esp).json()


# --- Errors: the same as requests', so that Anymail wraps them --------------------------------------------------------


def test_no_answer_in_time_is_a_read_timeout(session, esp):
    esp.answers = [silence]

    with pytest.raises(requests.ReadTimeout):
        session.request("POST", esp.url, data="{}", timeout=(2, 0.1))


@pytest.mark.parametrize(
    "breaks",
    [
        reset,
        raw(b""),
        raw(b"HTTP/1.1 2"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab"),
        raw(b"SSH-2.0-OpenSSH\r\n"),
        raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200),
        raw(b"HTTP/1.1 200 " + b"x" * 70_000 + b"\r\n\r\n"),
    ],
)
def test_what_breaks_once_the_request_is_written_is_not_taken_for_no_connection(session, esp, breaks):
    esp.answers = [breaks]

    with pytest.raises(requests.ConnectionError) as caught:
        post(session, esp)

    assert not isinstance(caught.value, NeverConnected)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://nobody.invalid/",
        "https://127.0.0.1:{port}/",
        "http://a..b/",
        "http://[::1]:x/",
    ],
)
def test_where_no_connection_is_made_the_error_says_so(session, url):
    with pytest.raises(NeverConnected):
        session.request("POST", url.format(port=free_port()), data="{}", timeout=(2, 2))


def test_no_connection_in_time_is_no_connection(session, deaf_port):
    with pytest.raises(NeverConnected):
        session.request("POST", f"https://127.0.0.1:{deaf_port}/", data="{}", timeout=(0.1, 2))


def test_a_server_that_speaks_no_tls_is_no_connection(session, esp):
    with pytest.raises(NeverConnected):
        session.request("POST", f"https://127.0.0.1:{esp.port}/", data="{}", timeout=2)

    assert not esp.requests


# --- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Self-signed, for 127.0.0.1."""
    folder = tmp_path_factory.mktemp("tls")
    options = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1"
    extension = ["-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
    subprocess.run(["openssl", *options.split(), *extension, *files], check=True, capture_output=True, timeout=30)
    return folder


@pytest.fixture
def tls_esp(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    esp = StubEsp(tls=context)
    http._tls.cache_clear()
    yield esp
    esp.close()
    http._tls.cache_clear()


def test_a_certificate_that_nobody_vouches_for_is_refused(session, tls_esp):
    with pytest.raises(NeverConnected) as caught:
        post(session, tls_esp)

    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
    assert not tls_esp.requests


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_whom_else_to_trust_is_told_as_to_requests(session, tls_esp, certificate, monkeypatch, variable):
    monkeypatch.setenv(variable, str(certificate / "certificate.pem"))

    assert [post(session, tls_esp).json() for _ in range(3)] == [ACCEPTED] * 3
    assert tls_esp.connections == 1


def test_a_certificate_for_another_name_is_refused(session, tls_esp, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate / "certificate.pem"))

    with pytest.raises(NeverConnected):
        session.request("POST", f"https://localhost:{tls_esp.port}/", data="{}", timeout=2)


def test_a_list_of_certificates_that_is_not_there_means_no_connection(session, tls_esp, monkeypatch, tmp_path):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nothing.pem"))

    with pytest.raises(NeverConnected):
        post(session, tls_esp)


def test_the_certificates_are_read_once(session, tls_esp, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate / "certificate.pem"))
    post(session, tls_esp)
    session.close()
    post(session, tls_esp)

    assert tls_esp.connections == 2
    assert http._tls.cache_info().misses == 1


# --- Under Anymail ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "secrets", "lean"),
    [
        ("postmark", {"server_token": "t"}, True),
        ("resend", {"api_key": "t"}, True),
        ("sendgrid", {"api_key": "t"}, True),
        ("brevo", {"api_key": "t"}, True),
        ("mandrill", {"api_key": "t"}, True),
        ("mailgun", {"api_key": "t", "sender_domain": "example.com"}, False),  # A form, with a password.
        ("mailjet", {"api_key": "t", "secret_key": "t"}, False),  # A password.
    ],
)
@pytest.mark.filterwarnings("ignore:.*sendgrid:Warning")
def test_anymails_calls_take_the_lean_way_where_they_can(session, esp, requests_own, provider, secrets, lean):
    backend = import_module(f"anymail.backends.{provider}").EmailBackend(**secrets, api_url=esp.url, timeout=(2, 2))
    backend.session = session
    esp.answers = [answer(500, {"oops": "é"})]
    email = AnymailMessage(subject="Olá", body="Olá 🎩", from_email="shop@example.com", to=["ana@example.com"])

    with pytest.raises(requests.HTTPError):
        backend.send_messages([email])

    assert len(esp.requests) == 1
    assert bool(requests_own) is not lean
