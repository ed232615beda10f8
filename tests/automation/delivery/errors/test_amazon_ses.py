"""Amazon SES goes through botocore, which has a mind of its own about retries, time-outs and connections."""

from time import monotonic

import pytest
from anymail.message import AnymailMessage

from automation.delivery.outcomes import Outcome
from tests.automation.delivery.stub_esp import answer, reset, silence

TAKEN = {"MessageId": "esp-1"}


def test_a_taken_mail_brings_its_id(result_of):
    result = result_of(answer(200, TAKEN), provider="amazon_ses")

    assert (result.outcome, result.esp_message_id) == (Outcome.ACCEPTED, "esp-1")


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([silence], id="time-out"),
        pytest.param([reset], id="reset"),
        pytest.param([answer(500, {"message": "x"}, x_amzn_ErrorType="InternalFailure"), answer(200, TAKEN)], id="500"),
        pytest.param([answer(429, {}, x_amzn_ErrorType="TooManyRequestsException"), answer(200, TAKEN)], id="429"),
    ],
)
def test_no_call_is_repeated_behind_our_back(result_of, esp, answers):
    before = len(esp.requests)

    result = result_of(*answers, provider="amazon_ses", read_s=0.3)

    assert result.outcome is not Outcome.ACCEPTED
    assert len(esp.requests) == before + 1


def test_not_even_if_the_account_asks_for_it(result_of, esp):
    before = len(esp.requests)
    wishes = {"client_params": {"config": {"retries": {"max_attempts": 5}, "read_timeout": 60}}}

    began = monotonic()
    result = result_of(silence, provider="amazon_ses", read_s=0.3, secrets=wishes)

    assert (result.outcome, result.detail) == (Outcome.UNKNOWN, "ReadTimeoutError")
    assert len(esp.requests) == before + 1
    assert monotonic() - began < 5


def test_a_connection_is_kept_from_call_to_call(backend_of, esp):
    esp.answers = [answer(200, TAKEN)]
    backend, before = backend_of("amazon_ses", read_s=4.0), esp.connections  # One that no other test has used.

    for _ in range(3):
        backend.send_messages([AnymailMessage("Hi", "Hi", "shop@example.com", ["ana@example.com"])])

    assert esp.connections == before + 1


def test_even_at_debug_no_mail_is_logged(backend_of, esp, caplog):
    esp.answers = [answer(200, TAKEN)]
    backend = backend_of("amazon_ses")
    caplog.set_level("DEBUG")

    backend.send_messages([AnymailMessage("Hi", "Hi", "shop@example.com", ["ana@example.com"])])

    assert "ana@example.com" not in caplog.text
