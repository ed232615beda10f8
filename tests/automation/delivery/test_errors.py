"""The error table, on what Anymail's real backends raise when a server on loopback answers."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib import import_module

import pytest
from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
)
from anymail.message import AnymailMessage
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from automation.delivery.errors import MAX_DETAIL, MAX_PAUSE, classify
from automation.delivery.http import LeanSession
from automation.delivery.outcomes import Outcome
from tests.automation.conftest import free_port
from tests.automation.delivery.stub_esp import StubEsp, answer, raw, reset, silence

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECRETS = {
    "postmark": {"server_token": "t"},
    "resend": {"api_key": "t"},
    "sendgrid": {"api_key": "t"},
    "mandrill": {"api_key": "t"},
    "mailersend": {"api_token": "t"},
    "mailgun": {"api_key": "t", "sender_domain": "example.com"},  # By requests: no plain POST.
}

pytestmark = pytest.mark.filterwarnings("ignore:.*sendgrid:Warning")


@pytest.fixture(scope="module")
def esp():
    esp = StubEsp()
    yield esp
    esp.close()


@pytest.fixture
def result_of(esp):
    """Send one mail through a provider's backend; what `classify` says of the error."""
    sessions = []

    def send(*answers, provider="postmark", url=None, read_s=5.0, secrets=(), **fields):
        esp.answers = list(answers) or [answer()]
        options = {"api_url": url or esp.url, "timeout": (1, read_s), **SECRETS[provider], **dict(secrets)}
        backend = import_module(f"anymail.backends.{provider}").EmailBackend(**options)
        backend.open()
        agent = backend.session.headers
        backend.session.close()
        backend.session = LeanSession()
        backend.session.headers.update(agent)
        sessions.append(backend.session)
        email = {"subject": "Hi", "body": "Hi", "from_email": "shop@example.com", "to": ["ana@example.com"], **fields}
        with pytest.raises(Exception) as caught:  # Whichever it is, `classify` is asked.
            backend.send_messages([AnymailMessage(**email)])
        return classify(caught.value, provider=provider, at=AT)

    yield send
    for session in sessions:
        session.close()


# --- Answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", SECRETS)
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (302, Outcome.UNKNOWN),
        (400, Outcome.REJECTED),
        (401, Outcome.ACCOUNT),
        (402, Outcome.ACCOUNT),
        (403, Outcome.ACCOUNT),
        (404, Outcome.ACCOUNT),
        (408, Outcome.UNKNOWN),
        (409, Outcome.UNKNOWN),
        (413, Outcome.REJECTED),
        (422, Outcome.REJECTED),
        (429, Outcome.THROTTLED),
        (451, Outcome.REJECTED),
        (500, Outcome.UNKNOWN),
        (502, Outcome.UNKNOWN),
        (503, Outcome.UNKNOWN),
        (504, Outcome.UNKNOWN),
        (529, Outcome.UNKNOWN),
    ],
)
def test_a_status_has_its_outcome(result_of, provider, status, outcome):
    body = {"ErrorCode": 1, "Message": "No"}

    result = result_of(answer(status, body), provider=provider)

    assert (result.outcome, result.status_code) == (outcome, status)
    assert not result.address_refused


@pytest.mark.parametrize(
    ("asked", "pause"),
    [
        ("7", timedelta(seconds=7)),
        (" 0.5 ", timedelta(seconds=0.5)),
        ("0", timedelta(0)),
        (format_datetime(AT + timedelta(minutes=3), usegmt=True), timedelta(minutes=3)),
        ("Tue, 24 Nov 2026 14:00:00 +0100", timedelta(hours=1)),
        ("Tuesday, 24-Nov-26 12:00:09 GMT", timedelta(seconds=9)),
        ("Tue Nov 24 12:00:09 2026", timedelta(seconds=9)),
        (format_datetime(AT - timedelta(days=400), usegmt=True), timedelta(0)),
        ("99999999", MAX_PAUSE),
        ("Tue, 24 Nov 2099 12:00:00 GMT", MAX_PAUSE),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("5 minutes", None),
        ("9" * 400, None),
        ("nan", None),
        ("1e999", None),
        ("Tue, 99 Foo 2026 99:99:99", None),
        ("²", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_was_asked_for_is_kept(result_of, status, asked, pause):
    result = result_of(answer(status, {"ErrorCode": 429, "Message": "Slow down"}, Retry_After=asked))

    assert result.outcome is (Outcome.THROTTLED if status == 429 or asked else Outcome.UNKNOWN)
    assert result.retry_at == (None if pause is None else AT + pause)


def test_postmarks_own_503_is_no_proxys(result_of):
    result = result_of(answer(503, {"ErrorCode": 100, "Message": "The Postmark API is offline for maintenance."}))

    assert (result.outcome, result.retry_at) == (Outcome.THROTTLED, AT + timedelta(minutes=1))


@given(asked=st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=40))
@hypothesis_settings(max_examples=300)
def test_whatever_stands_in_retry_after_a_pause_is_sane(asked):
    class Response:
        status_code, headers, json = 429, {"Retry-After": asked}, staticmethod(lambda: None)

    result = classify(AnymailAPIError(response=Response, status_code=429), provider="postmark", at=AT)

    assert result.outcome is Outcome.THROTTLED
    assert result.retry_at is None or AT <= result.retry_at <= AT + MAX_PAUSE


@pytest.mark.parametrize(
    ("code", "message", "outcome", "address_refused"),
    [
        (10, "No Account or Server API tokens were supplied.", Outcome.ACCOUNT, False),
        (300, "Invalid 'To' address: 'ana@example.com'.", Outcome.REJECTED, True),
        (300, "Error parsing 'To': Illegal email domain 'x' in address 'ana@example.com'.", Outcome.REJECTED, True),
        (300, "Invalid 'From' address: 'shop@example.com'.", Outcome.ACCOUNT, False),
        (300, "Error parsing 'From': Illegal email domain.", Outcome.ACCOUNT, False),
        (300, "Invalid metadata content.", Outcome.REJECTED, False),
        (400, "The 'From' address you supplied is not a Sender Signature on your account.", Outcome.ACCOUNT, False),
        (401, "The 'From' address is not confirmed.", Outcome.ACCOUNT, False),
        (402, "Invalid JSON.", Outcome.REJECTED, False),
        (405, "You ran out of credits.", Outcome.ACCOUNT, False),
        (412, "Your account is pending approval.", Outcome.ACCOUNT, False),
        (413, "Your account may not send.", Outcome.ACCOUNT, False),
        (
            406,
            "Found inactive addresses: ana@example.com.\nInactive recipients are ones that have bounced.",
            Outcome.REJECTED,
            True,
        ),
    ],
)
def test_postmark_says_by_its_code_whether_it_is_the_address_the_message_or_us(
    result_of, code, message, outcome, address_refused
):
    result = result_of(answer(422, {"ErrorCode": code, "Message": message}))

    assert (result.outcome, result.address_refused, result.status_code) == (outcome, address_refused, 422)
    assert result.detail.startswith(str(code))
    assert "example.com" not in result.detail.replace("…@…", "")


@pytest.mark.parametrize(
    ("reason", "outcome", "address_refused"),
    [
        ("hard-bounce", Outcome.REJECTED, True),
        ("unsub", Outcome.REJECTED, True),
        (None, Outcome.REJECTED, True),
        ("rule", Outcome.REJECTED, False),
        ("unsigned", Outcome.ACCOUNT, False),
        ("invalid-sender", Outcome.ACCOUNT, False),
        ("test-mode-limit", Outcome.ACCOUNT, False),
    ],
)
def test_mandrill_refuses_recipients_also_for_what_is_our_fault(result_of, reason, outcome, address_refused):
    body = [{"email": "ana@example.com", "status": "rejected", "reject_reason": reason, "_id": "1"}]

    result = result_of(answer(200, body), provider="mandrill")

    assert (result.outcome, result.address_refused) == (outcome, address_refused)


@pytest.mark.parametrize("provider", ["postmark", "resend", "mandrill", "mailgun"])
@pytest.mark.parametrize(
    "accepts",
    [
        answer(200, b"<html>Thanks!</html>", Content_Type="text/html"),
        answer(200, b""),
        answer(200, b'{"Message": "O'),
        answer(200, b"\xff\xfe\x00"),
        answer(200, {"surprise": True}),
        answer(200, [5]),
        answer(202, "text"),
    ],
)
def test_an_accepting_answer_that_cannot_be_read_may_have_been_one(result_of, provider, accepts):
    result = result_of(accepts, provider=provider)

    assert result.outcome is Outcome.UNKNOWN
    assert result.retry_at is None


# --- No answer --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", ["postmark", "mailgun"])
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


@pytest.mark.parametrize("provider", ["postmark", "mailgun"])
@pytest.mark.parametrize("url", ["http://127.0.0.1:{closed}/", "https://127.0.0.1:{closed}/", "http://nobody.invalid/"])
def test_where_no_connection_was_made_nothing_has_left(result_of, provider, url):
    result = result_of(provider=provider, url=url.format(closed=free_port()))

    assert result.outcome is Outcome.NEVER_LEFT
    assert result.detail in {"ConnectionRefusedError", "gaierror"}


def test_a_server_that_speaks_no_tls_gets_nothing(result_of, esp):
    received = len(esp.requests)

    result = result_of(url=f"https://127.0.0.1:{esp.port}/")

    assert result.outcome is Outcome.NEVER_LEFT
    assert len(esp.requests) == received


def test_no_connection_in_time_means_that_nothing_has_left(result_of, deaf_port):
    assert result_of(url=f"https://127.0.0.1:{deaf_port}/").outcome is Outcome.NEVER_LEFT


def test_of_a_tls_error_that_requests_tells_only_a_bad_certificate_surely_came_first(result_of, esp):
    """requests does not say whether it was before or after the request."""
    assert result_of(provider="mailgun", url=f"https://127.0.0.1:{esp.port}/").outcome is Outcome.UNKNOWN


def test_a_proxy_that_is_away_gets_nothing(result_of, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("no_proxy", "")

    assert result_of(url="http://esp.example.com/").outcome is Outcome.NEVER_LEFT


# --- What is not sent at all ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", ["postmark", "mailgun"])
@pytest.mark.parametrize("url", ["127.0.0.1/", "ftp://127.0.0.1/", "http:///x/"])
def test_settings_that_make_no_request_are_the_accounts_fault(result_of, provider, url):
    result = result_of(provider=provider, url=url)

    assert result.outcome is Outcome.ACCOUNT
    assert result.detail.startswith("The account's settings make no request: ")


def test_a_token_that_cannot_stand_in_a_header_is_the_accounts_fault_and_is_not_quoted(result_of):
    result = result_of(secrets={"server_token": "secret\n"})

    assert result.outcome is Outcome.ACCOUNT
    assert "secret" not in result.detail


def test_an_address_of_ours_that_cannot_be_read_suppresses_nobody(result_of):
    result = result_of(from_email="shop@@example.com")

    assert (result.outcome, result.address_refused) == (Outcome.REJECTED, False)
    assert "from_email" in result.detail


def test_what_the_provider_cannot_do_is_rejected(result_of):
    result = result_of(metadata={"a": "b"}, tags=["a", "b"], merge_data={"ana@example.com": {}}, provider="postmark")

    assert result.outcome is Outcome.REJECTED


def test_what_anymail_cannot_write_is_rejected(result_of):
    result = result_of(metadata={"at": object()})

    assert result.outcome is Outcome.REJECTED


def test_a_missing_setting_is_the_accounts_fault(result_of):
    with pytest.raises(AnymailConfigurationError) as caught:
        import_module("anymail.backends.postmark").EmailBackend()

    result = classify(caught.value, provider="postmark", at=AT)

    assert result.outcome is Outcome.ACCOUNT
    assert "POSTMARK_SERVER_TOKEN" in result.detail


@pytest.mark.parametrize(
    "error", [RuntimeError("x"), ValueError("x"), KeyError("x"), AnymailError("x"), AnymailAPIError("x"), SystemExit()]
)
def test_what_nobody_has_thought_of_is_unknown(error):
    result = classify(error, provider="postmark", at=AT)

    assert (result.outcome, result.detail) == (Outcome.UNKNOWN, type(error).__name__)


# --- What is kept of the ESP's words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "body", "detail"),
    [
        ("postmark", {"ErrorCode": 300, "Message": "Bad 'ana@example.com'."}, "300 Bad '…@…'."),
        ("resend", {"statusCode": 422, "name": "validation_error", "message": "Bad."}, "validation_error Bad."),
        (
            "sendgrid",
            {"errors": [{"message": "Bad <ana@example.com>", "field": "to"}]},
            "to Bad <…@…>",
        ),
        ("mandrill", {"status": "error", "code": -1, "name": "Invalid_Key", "message": "No."}, "Invalid_Key No."),
        ("mailgun", {"message": "Bad: ana@example.com"}, "Bad: …@…"),
        ("mailgun", ["odd"], '["odd"]'),
        ("mailgun", {}, ""),
        ("mailgun", b"<h1>Bad</h1>", "The answer cannot be read."),
    ],
)
def test_the_esps_words_are_kept_without_addresses(result_of, provider, body, detail):
    assert result_of(answer(400, body), provider=provider).detail == detail


def test_what_postgresql_could_not_store_is_left_out(result_of):
    assert result_of(answer(400, {"Message": "a\0b\ud800"})).detail == "ab?"


@pytest.mark.parametrize("text", ["x" * 1_000_000, "a@" * 500_000, "ana@example.com " * 50_000])
@pytest.mark.timeout(5)
def test_a_long_answer_is_cut_at_once(result_of, text):
    detail = result_of(answer(400, {"Message": text})).detail

    assert len(detail) <= MAX_DETAIL
    assert "example.com" not in detail


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["ErrorCode", "Message", "message", "errors", "reject_reason", "x"]), inner, max_size=4
    ),
    max_leaves=8,
)  # fmt: skip


@given(body=json_values, status=st.sampled_from([200, 400, 401, 422, 429, 500, 503]), refused=st.booleans())
@hypothesis_settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_answer_there_is_an_outcome_that_can_be_stored(body, status, refused):
    class Response:
        status_code, headers = status, {}

        @staticmethod
        def json():
            return body

    kind = AnymailRecipientsRefused if refused else AnymailAPIError

    result = classify(kind(response=Response, status_code=status), provider="postmark", at=AT)

    assert isinstance(result.outcome, Outcome)
    assert len(result.detail) <= MAX_DETAIL
    assert "\0" not in result.detail
    result.detail.encode()


def test_an_invalid_address_says_no_more_than_it_must():
    result = classify(
        AnymailInvalidAddress("Invalid email address 'ana@x@example.com' in `to`"), provider="postmark", at=AT
    )

    assert result.detail == "Invalid email address '…@…' in `to`"
