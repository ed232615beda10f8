"""What is kept of an ESP's words: short, storable, without addresses."""

import pytest

from automation.delivery.errors import MAX_DETAIL
from tests.automation.delivery.stub_esp import answer


@pytest.mark.parametrize(
    ("provider", "body", "detail"),
    [
        ("postmark", {"ErrorCode": 300, "Message": "Bad 'ana@example.com'."}, "300 Bad '…@…'."),
        ("resend", {"statusCode": 422, "name": "validation_error", "message": "Bad."}, "validation_error Bad."),
        ("sendgrid", {"errors": [{"message": "Bad <ana@example.com>", "field": "to"}]}, "to Bad <…@…>"),
        ("sendgrid", {"errors": [{"message": "A"}, {"message": "B"}, {"message": "A"}]}, "A; B"),
        ("mandrill", {"status": "error", "code": -1, "name": "Invalid_Key", "message": "No."}, "Invalid_Key No."),
        ("mailgun", {"message": "Bad: ana@example.com"}, "Bad: …@…"),
        ("mailgun", {"error": "unheard of"}, '{"error": "unheard of"}'),
        ("mailgun", ["odd"], '["odd"]'),
        ("mailgun", {}, ""),
        ("mailgun", b"Forbidden", "Forbidden"),
        ("mailgun", b"<h1>Bad</h1>", "The answer cannot be read."),
        ("mailgun", b"", "The answer cannot be read."),
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
