"""Every fault that can be set, as Anymail's backends see it and as the journal tells it."""

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
import requests
from anymail.exceptions import AnymailAPIError, AnymailRequestsAPIError

from webhooks.sandbox.modes import Mode, Modes

PROVIDERS = ["postmark", "resend"]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("fail", "status", "outcome"),
    [
        ("401", 401, "rejected"),
        ("429", 429, "throttled"),
        ("500", 500, "error"),
        ("502", 502, "error"),
        ("503", 503, "error"),
        ("504", 504, "error"),
        ("500_after_accept", 500, "accepted_unanswered"),
    ],
)
def test_a_failing_status_is_answered_in_the_providers_words(sandbox, send_by_anymail, provider, fail, status, outcome):
    sandbox.set_mode(fail=fail)

    with pytest.raises(AnymailAPIError) as failed:
        send_by_anymail(sandbox, provider, metadata={"message_id": "m-1"})

    [line] = sandbox.journal()
    assert failed.value.status_code == status
    assert {"ErrorCode", "statusCode"} & set(failed.value.response.json())
    assert (line["outcome"], line["our_id"], line["to"]) == (outcome, "m-1", "ana@example.com")
    assert bool(line["esp_id"]) is (outcome == "accepted_unanswered")


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fail", ["cut_after_accept", "reset", "timeout_after_accept"])
def test_an_accepted_mail_goes_unanswered(sandbox, send_by_anymail, provider, fail):
    sandbox.set_mode(fail=fail)

    with pytest.raises(AnymailRequestsAPIError) as failed:
        send_by_anymail(sandbox, provider)

    [line] = sandbox.journal()
    assert failed.value.status_code is None
    assert line["outcome"] == "accepted_unanswered"
    assert line["esp_id"]


def test_a_reset_comes_in_mid_answer(sandbox, send_by_anymail):
    sandbox.set_mode(fail="reset")

    with pytest.raises(AnymailRequestsAPIError) as failed:
        send_by_anymail(sandbox)

    assert "reset" in str(failed.value.__cause__)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_html_instead_of_json_hides_that_the_mail_was_accepted(sandbox, send_by_anymail, provider):
    sandbox.set_mode(fail="html200")

    with pytest.raises(AnymailAPIError) as failed:
        send_by_anymail(sandbox, provider)

    assert failed.value.status_code == 200
    assert sandbox.outcomes() == ["accepted_unanswered"]


def test_a_connection_cut_before_the_mail_is_accepted(sandbox, send_by_anymail):
    sandbox.set_mode(fail="cut_before_accept")

    with pytest.raises(AnymailRequestsAPIError):
        send_by_anymail(sandbox)

    assert sandbox.outcomes() == ["error"]


def test_a_repeat_under_the_key_of_an_unanswered_mail_finds_it(sandbox):
    mail = {"from": "shop@example.com", "to": "ana@example.com", "subject": "Hello", "text": "Text"}
    sandbox.set_mode(fail="cut_after_accept", count=1)
    with pytest.raises(requests.RequestException):
        sandbox.post("/demo/resend/emails", mail, **{"Idempotency-Key": "k"})

    again = sandbox.post("/demo/resend/emails", mail, **{"Idempotency-Key": "k"})

    assert again.status_code == 200
    assert sandbox.outcomes() == ["accepted_unanswered", "duplicate"]
    assert {line["esp_id"] for line in sandbox.journal()} == {again.json()["id"]}


def test_retry_after_is_in_seconds(sandbox, send_by_anymail):
    sandbox.set_mode(fail="429", retry_after=7)

    with pytest.raises(AnymailAPIError) as failed:
        send_by_anymail(sandbox)

    assert failed.value.response.headers["Retry-After"] == "7"


def test_retry_after_is_a_date(sandbox, send_by_anymail):
    sandbox.set_mode(fail="503", retry_after="http-date")

    with pytest.raises(AnymailAPIError) as failed:
        send_by_anymail(sandbox)

    ahead = parsedate_to_datetime(failed.value.response.headers["Retry-After"]) - datetime.now(UTC)
    assert 1 < ahead.total_seconds() <= 3


def test_latency_delays_the_answer_but_not_the_accept(sandbox, run_in_background, send_by_anymail):
    sandbox.set_mode(latency_ms=500)
    started = time.monotonic()

    sending = run_in_background(lambda: send_by_anymail(sandbox))
    while not sandbox.journal_path.read_text():
        assert not sending.done()
    sending.result(5)

    assert time.monotonic() - started >= 0.5


def test_a_batch_is_answered_in_part_but_accepted_whole(sandbox):
    mail = {"From": "shop@example.com", "To": "ana@example.com", "TextBody": "Text"}
    sandbox.set_mode(partial_batch=1)

    answer = sandbox.post("/demo/postmark/email/batch", [mail, mail, mail])

    assert len(answer.json()) == 1
    assert sandbox.outcomes() == ["accepted", "accepted_unanswered", "accepted_unanswered"]


def test_an_idle_connection_is_closed(sandbox):
    sandbox.set_mode(idle_close_ms=50)
    mail = {"From": "shop@example.com", "To": "ana@example.com", "TextBody": "Text"}
    answer = sandbox.http.post(
        f"{sandbox.url}/demo/postmark/email", json=mail, headers={"X-Postmark-Server-Token": "any"}, stream=True
    )
    connection = answer.raw._connection.sock

    connection.settimeout(5)
    list(answer.iter_content())

    assert connection.recv(1) == b""


def test_connections_are_refused_for_a_while(sandbox, send_by_anymail):
    sandbox.set_mode(fail="refuse_connections", seconds=0.5)

    with pytest.raises(AnymailRequestsAPIError) as failed:
        send_by_anymail(sandbox)
    time.sleep(0.6)
    send_by_anymail(sandbox)

    assert "refused" in str(failed.value.__cause__)
    assert sandbox.outcomes() == ["accepted"]
    assert sandbox.http.get(f"{sandbox.url}/mode").json() == {"modes": []}


def test_a_sandbox_can_be_stopped_while_it_refuses_connections(sandbox):
    answer = sandbox.set_mode(fail="refuse_connections", seconds=60)

    assert answer.json() == {"modes": [{"fail": "refuse_connections", "seconds": pytest.approx(60, abs=1)}]}


def test_an_account_may_have_a_mode_of_its_own(sandbox, send_by_anymail):
    sandbox.set_mode(fail="500")
    sandbox.set_mode(account="well", latency_ms=1)

    send_by_anymail(sandbox, account="well")
    with pytest.raises(AnymailAPIError):
        send_by_anymail(sandbox, account="other")

    assert [(line["account"], line["outcome"]) for line in sandbox.journal()] == [
        ("well", "accepted"),
        ("other", "error"),
    ]


def test_an_empty_mode_ends_the_one_before(sandbox, send_by_anymail):
    sandbox.set_mode(account="demo", fail="500")
    sandbox.set_mode(account="demo")

    send_by_anymail(sandbox)

    assert sandbox.http.get(f"{sandbox.url}/mode").json() == {"modes": []}


def test_a_mode_ends_when_its_count_is_spent(sandbox, send_by_anymail):
    sandbox.set_mode(fail="500", count=2)

    for _ in range(2):
        with pytest.raises(AnymailAPIError):
            send_by_anymail(sandbox)
    send_by_anymail(sandbox)

    assert sandbox.outcomes() == ["error", "error", "accepted"]


def test_the_modes_in_force_are_shown_with_what_is_left_of_them(sandbox, send_by_anymail):
    sandbox.set_mode(fail="500", count=3, webhooks={"duplicate": True})

    with pytest.raises(AnymailAPIError):
        send_by_anymail(sandbox)

    assert sandbox.http.get(f"{sandbox.url}/mode").json() == {
        "modes": [{"fail": "500", "count": 2, "webhooks": {"duplicate": True}}]
    }


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        (b"fail", "truncated"),
        (b'"500"', "Expected `object`"),
        (b'{"fail": 500}', "Expected `str | null`, got `int` - at `$.fail`"),
        (b'{"fail": "explode"}', "Invalid enum value 'explode' - at `$.fail`"),
        (b'{"latency": 5}', "unknown field `latency`"),
        (b'{"latency_ms": -1}', "Expected `float` >= 0"),
        (b'{"probability": 2}', "<= 1.0 - at `$.probability`"),
        (b'{"webhooks": {"twice": true}}', "unknown field `twice` - at `$.webhooks`"),
        (b'{"fail": "refuse_connections"}', "so many `seconds`"),
        (b'{"fail": "refuse_connections", "seconds": 1, "account": "demo"}', "no `account`"),
    ],
)
def test_a_wrong_mode_is_refused_with_the_reason(sandbox, mode, reason):
    answer = sandbox.http.post(f"{sandbox.url}/mode", data=mode)

    assert answer.status_code == 400
    assert reason in answer.text
    assert sandbox.http.get(f"{sandbox.url}/mode").json() == {"modes": []}


def test_a_mode_is_met_as_often_as_its_probability_says():
    modes = Modes(time.monotonic)
    modes.set(Mode(fail="500", probability=0.3))

    met = sum(modes.meet("demo").fail == "500" for _ in range(2000))

    assert 450 < met < 750


def test_a_mode_ends_when_its_seconds_are_over():
    clock = iter([10.0, 10.9, 11.0]).__next__
    modes = Modes(clock)
    modes.set(Mode(fail="500", seconds=1))

    assert modes.meet("demo").fail == "500"
    assert modes.meet("demo").fail is None
