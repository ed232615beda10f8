"""What holds for every provider whose own rows say nothing else."""

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

from automation.delivery.errors import MAX_DETAIL, MAX_PAUSE, classify, classify_status
from automation.delivery.outcomes import Outcome
from automation.delivery.providers import Provider
from tests.automation.delivery.errors.conftest import AT
from tests.automation.delivery.stub_esp import answer

providers = pytest.mark.parametrize("provider", Provider)


@providers
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (301, Outcome.ACCOUNT),
        (302, Outcome.UNKNOWN),
        (307, Outcome.ACCOUNT),
        (308, Outcome.ACCOUNT),
        (400, Outcome.REJECTED),
        (401, Outcome.ACCOUNT),
        (402, Outcome.ACCOUNT),
        (403, Outcome.ACCOUNT),
        (404, Outcome.ACCOUNT),
        (405, Outcome.ACCOUNT),
        (408, Outcome.UNKNOWN),
        (409, Outcome.UNKNOWN),
        (413, Outcome.REJECTED),
        (422, Outcome.REJECTED),
        (425, Outcome.THROTTLED),
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
    result = result_of(answer(status, {}), provider=provider)

    assert (result.outcome, result.status_code) == (outcome, status)
    assert not result.address_refused


@providers
@pytest.mark.parametrize(
    "accepts",
    [
        pytest.param(answer(200, b"<html>Thanks!</html>", Content_Type="text/html"), id="page"),
        pytest.param(answer(200, b""), id="empty"),
        pytest.param(answer(200, b"", Content_Type="text/plain"), id="empty text"),
        pytest.param(answer(201, b'{"Message": "O'), id="cut"),
        pytest.param(answer(200, b"\xff\xfe\x00"), id="garbage"),
        pytest.param(answer(200, {"surprise": True}), id="other object"),
        pytest.param(answer(200, {}), id="empty object"),
        pytest.param(answer(200, []), id="empty list"),
        pytest.param(answer(200, [5]), id="list"),
        pytest.param(answer(202, "text"), id="text"),
        pytest.param(answer(200, None), id="null"),
        pytest.param(answer(200, b"[" * 100_000), id="deep"),
    ],
)
def test_an_accepting_answer_that_cannot_be_read_may_have_been_one(result_of, provider, accepts):
    result = result_of(accepts, provider=provider)

    assert (result.outcome, result.address_refused, result.retry_at) == (Outcome.UNKNOWN, False, None)


@providers
@pytest.mark.parametrize("status", [404, 405])
def test_a_wrong_api_url_stops_the_account_and_fails_no_message(result_of, provider, status):
    result = result_of(answer(status, b"<h1>Not Found</h1>", Content_Type="text/html"), provider=provider)

    assert result.outcome is Outcome.ACCOUNT
    assert "API URL" in result.advice


@providers
@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_was_asked_for_is_kept(result_of, provider, status):
    result = result_of(answer(status, {}, Retry_After="7"), provider=provider)

    assert result.outcome is Outcome.THROTTLED
    assert (result.retry_at - AT).total_seconds() == 7


# --- What is not sent at all ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "provider", [one for one in Provider if one != Provider.AMAZON_SES]
)  # botocore makes no client.
@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http:///x/", "nowhere"])
def test_settings_that_make_no_request_are_the_accounts_fault(result_of, provider, url):
    result = result_of(provider=provider, url=url)

    assert result.outcome is Outcome.ACCOUNT
    assert result.detail.startswith("The account's settings make no request: ")


def test_a_token_that_cannot_stand_in_a_header_is_the_accounts_fault_and_is_not_quoted(result_of):
    result = result_of(secrets={"server_token": "secret\n"})

    assert result.outcome is Outcome.ACCOUNT
    assert "secret" not in result.detail


def test_a_mailgun_domain_that_is_none_is_the_accounts_fault(result_of, esp):
    received = len(esp.requests)

    result = result_of(provider="mailgun", secrets={"sender_domain": "example.com/x"})

    assert (result.outcome, len(esp.requests)) == (Outcome.ACCOUNT, received)


def test_an_address_of_ours_that_cannot_be_read_suppresses_nobody(result_of):
    result = result_of(from_email="shop@@example.com")

    assert (result.outcome, result.address_refused) == (Outcome.REJECTED, False)
    assert "from_email" in result.detail


def test_what_the_provider_cannot_do_is_rejected(result_of):
    assert result_of(tags=["a", "b"]).outcome is Outcome.REJECTED


def test_what_anymail_cannot_write_is_rejected(result_of):
    assert result_of(metadata={"at": object()}).outcome is Outcome.REJECTED


def test_a_setting_that_anymail_misses_is_the_accounts_fault():
    result = classify(AnymailConfigurationError("You must set X"), provider="postmark", at=AT)

    assert (result.outcome, result.detail) == (Outcome.ACCOUNT, "You must set X")


@pytest.mark.parametrize(
    "error", [RuntimeError("x"), ValueError("x"), KeyError("x"), AnymailError("x"), AnymailAPIError("x"), SystemExit()]
)
def test_what_nobody_has_thought_of_is_unknown(error):
    result = classify(error, provider="postmark", at=AT)

    assert (result.outcome, result.detail) == (Outcome.UNKNOWN, type(error).__name__)


@pytest.mark.parametrize("provider", Provider)
def test_a_mail_that_anymail_did_not_hand_over_has_no_known_outcome(provider, backend_of):
    email = AnymailMessage(to=[])
    backend_of(provider).send_messages([email])

    assert classify_status(email.anymail_status, provider=provider, at=AT).outcome is Outcome.UNKNOWN


# --- Whatever comes ---------------------------------------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["ErrorCode", "Message", "Messages", "Errors", "message", "errors", "reject_reason", "data",
                         "Error", "ResponseMetadata", "HTTPStatusCode", "HTTPHeaders", "failed_emails", "x"]),
        inner, max_size=4,
    ),
    max_leaves=8,
)  # fmt: skip


@given(
    provider=st.sampled_from(Provider),
    body=json_values,
    status=st.sampled_from([200, 400, 401, 422, 429, 500, 503]),
    asked=st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=40),
    refused=st.booleans(),
)
@hypothesis_settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_answer_there_is_an_outcome_that_can_be_stored(provider, body, status, asked, refused):
    class Response:
        status_code, headers, content = status, {"Retry-After": asked}, b""

        @staticmethod
        def json():
            return body

    kind = AnymailRecipientsRefused if refused else AnymailAPIError

    result = classify(kind(response=Response, status_code=status), provider=provider, at=AT)

    assert isinstance(result.outcome, Outcome)
    assert len(result.detail) <= MAX_DETAIL
    assert "\0" not in result.detail
    result.detail.encode()
    assert result.retry_at is None or AT <= result.retry_at <= AT + MAX_PAUSE


def test_an_invalid_address_says_no_more_than_it_must():
    error = AnymailInvalidAddress("Invalid email address 'ana@x@example.com' in `to`")

    assert classify(error, provider="postmark", at=AT).detail == "Invalid email address '…@…' in `to`"
