"""No answer came: what can be known of the message."""

import pytest

from automation.delivery.outcomes import Outcome
from tests.automation.conftest import free_port
from tests.automation.delivery.stub_esp import raw, reset, silence

# A kept plain POST, requests itself, and botocore.
providers = pytest.mark.parametrize("provider", ["postmark", "mailgun", "amazon_ses"])


@providers
@pytest.mark.parametrize(
    "breaks",
    [
        pytest.param(silence, id="time-out"),
        pytest.param(reset, id="reset"),
        pytest.param(raw(b""), id="closed"),
        pytest.param(raw(b"HTTP/1.1 200"), id="cut line"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), id="cut body"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na"), id="cut chunk"),
        pytest.param(raw(b"220 mail.example.com ESMTP\r\n"), id="another protocol"),
    ],
)
def test_what_breaks_once_the_request_is_written_is_unknown(result_of, provider, breaks):
    result = result_of(breaks, provider=provider, read_s=0.3)

    assert result.outcome is Outcome.UNKNOWN
    assert result.detail


@providers
@pytest.mark.parametrize("url", ["http://127.0.0.1:{closed}/", "http://nowhere.invalid/"])
def test_without_a_connection_nothing_has_left(result_of, provider, url):
    result = result_of(provider=provider, url=url.format(closed=free_port()))

    assert result.outcome is Outcome.NEVER_LEFT
    assert result.detail in {"ConnectionRefusedError", "gaierror", "EndpointConnectionError"}


def test_a_server_that_speaks_no_tls_gets_nothing(result_of, esp):
    received = len(esp.requests)

    result = result_of(url=f"https://127.0.0.1:{esp.port}/")

    assert result.outcome is Outcome.NEVER_LEFT
    assert len(esp.requests) == received


def test_no_connection_in_time_means_that_nothing_has_left(result_of, deaf_port):
    assert result_of(url=f"https://127.0.0.1:{deaf_port}/").outcome is Outcome.NEVER_LEFT


@pytest.mark.parametrize("provider", ["mailgun", "amazon_ses"])
def test_of_a_tls_error_that_libraries_tell_only_a_bad_certificate_surely_came_first(result_of, esp, provider):
    """They do not say whether it was before or after the request."""
    assert result_of(provider=provider, url=f"https://127.0.0.1:{esp.port}/").outcome is Outcome.UNKNOWN


@providers
def test_a_proxy_that_is_away_gets_nothing(result_of, monkeypatch, provider):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("no_proxy", "")

    assert result_of(provider=provider, url="http://esp.example.com/").outcome is Outcome.NEVER_LEFT
