"""What a batch's answer says of one of its messages."""

from datetime import timedelta

import pytest

from automation.delivery.errors import classify_item, classify_response
from automation.delivery.outcomes import Outcome
from tests.automation.delivery.errors.conftest import AT


@pytest.mark.parametrize(
    ("provider", "item", "outcome", "address_refused"),
    [
        ("postmark", {"ErrorCode": 0, "Message": "OK", "MessageID": "esp-1"}, Outcome.ACCEPTED, False),
        ("postmark", {"Message": "OK, but delivery may be delayed", "MessageID": "esp-1"}, Outcome.ACCEPTED, False),
        ("postmark", {"ErrorCode": 406, "Message": "Inactive."}, Outcome.REJECTED, True),
        ("postmark", {"ErrorCode": 300, "Message": "Invalid 'To' address: 'x'."}, Outcome.REJECTED, True),
        ("postmark", {"ErrorCode": 405, "Message": "No credits."}, Outcome.ACCOUNT, False),
        ("postmark", {"ErrorCode": 9999, "Message": "Unheard of."}, Outcome.REJECTED, False),
        ("postmark", {"ErrorCode": 0, "Message": "OK"}, Outcome.UNKNOWN, False),
        ("postmark", {"ErrorCode": 0, "Message": "OK", "MessageID": ""}, Outcome.UNKNOWN, False),
        ("resend", {"id": "esp-1"}, Outcome.ACCEPTED, False),
        ("resend", {"index": 1, "message": "Invalid `to` field. …"}, Outcome.REJECTED, True),
        ("resend", {"index": 1, "message": "The `subject` field is missing."}, Outcome.REJECTED, False),
        ("resend", {"id": None}, Outcome.UNKNOWN, False),
        ("postmark", {"surprise": True}, Outcome.UNKNOWN, False),
        ("postmark", {}, Outcome.UNKNOWN, False),
        ("postmark", [], Outcome.UNKNOWN, False),
        ("postmark", None, Outcome.UNKNOWN, False),
        ("postmark", "text", Outcome.UNKNOWN, False),
        ("mailgun", {"id": "esp-1"}, Outcome.UNKNOWN, False),  # It has no batch calls of ours.
    ],
)
def test_an_item_is_read_by_the_rows_of_single_calls(provider, item, outcome, address_refused):
    result = classify_item(item, provider=provider, status=200, at=AT)

    assert (result.outcome, result.address_refused) == (outcome, address_refused)
    assert result.esp_message_id == ("esp-1" if outcome is Outcome.ACCEPTED else "")


def test_an_id_that_is_too_long_is_cut():
    result = classify_item({"id": "x" * 999}, provider="resend", status=200, at=AT)

    assert len(result.esp_message_id) == 255


def test_a_batch_that_is_refused_as_a_whole_has_one_outcome():
    class Response:
        status_code, headers = 429, {"ratelimit-reset": "3"}

        @staticmethod
        def json():
            return {"statusCode": 429, "name": "rate_limit_exceeded", "message": "Too many requests."}

    result = classify_response(Response, provider="resend", at=AT)

    assert (result.outcome, result.retry_at) == (Outcome.THROTTLED, AT + timedelta(seconds=3))
