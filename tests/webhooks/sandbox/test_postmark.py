from datetime import datetime

import pytest
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused

MAIL = {"From": "shop@example.com", "To": "ana@example.com", "Subject": "Hello", "TextBody": "Text"}


def test_anymail_sends_a_mail_and_learns_its_id(sandbox, send_by_anymail):
    message = send_by_anymail(
        sandbox, to="Ana <ana@example.com>", subject="Grüße", metadata={"message_id": "m-1"}, tags=["welcome"]
    )

    [line] = sandbox.journal()
    assert message.anymail_status.status == {"sent"}
    assert line == {
        "at": line["at"],
        "provider": "postmark",
        "account": "demo",
        "to": "ana@example.com",
        "subject": "Grüße",
        "our_id": "m-1",
        "esp_id": message.anymail_status.message_id,
        "outcome": "accepted",
    }
    assert datetime.fromisoformat(line["at"]).tzinfo is not None


def test_a_mail_without_metadata_has_no_id_of_ours(sandbox, send_by_anymail):
    send_by_anymail(sandbox)

    assert sandbox.journal()[0]["our_id"] is None


def test_an_inactive_recipient_is_refused_as_anymail_expects_it(sandbox, send_by_anymail):
    with pytest.raises(AnymailRecipientsRefused) as refused:
        send_by_anymail(sandbox, to="refuse+1@example.com")

    assert refused.value.email_message.anymail_status.recipients["refuse+1@example.com"].status == "rejected"
    assert sandbox.outcomes() == ["rejected"]


def test_inactive_recipients_beside_others_are_left_out(sandbox, send_by_anymail):
    message = send_by_anymail(sandbox, to=["ana@example.com", "refuse@example.com"])

    statuses = {address: status.status for address, status in message.anymail_status.recipients.items()}
    assert statuses == {"ana@example.com": "sent", "refuse@example.com": "rejected"}


def test_a_batch_is_answered_one_by_one(sandbox, send_by_anymail):
    message = send_by_anymail(
        sandbox,
        to=["ana@example.com", "refuse@example.com", "ben@example.com"],
        merge_data={},
        merge_metadata={"ana@example.com": {"message_id": "m-a"}, "ben@example.com": {"message_id": "m-b"}},
    )

    recipients = message.anymail_status.recipients
    lines = sandbox.journal()
    assert [recipients[address].status for address in message.to] == ["sent", "rejected", "sent"]
    assert [line["outcome"] for line in lines] == ["accepted", "rejected", "accepted"]
    assert [line["our_id"] for line in lines] == ["m-a", None, "m-b"]
    assert lines[2]["esp_id"] == recipients["ben@example.com"].message_id


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        ({"From": "nobody"}, 300, "Invalid 'From' address: 'nobody'."),
        ({"To": "ana"}, 300, "Invalid 'To' address: 'ana'."),
        ({"Cc": "ana@"}, 300, "Invalid 'Cc' address: 'ana@'."),
        ({"To": ""}, 300, "Zero recipients specified"),
        ({"To": ", ".join(f"u{n}@example.com" for n in range(51))}, 300, "A maximum of 50 recipients"),
        ({"TextBody": None}, 300, "Provide either email TextBody or HtmlBody or both."),
        ({"Metadata": {"message_id": "x" * 81}}, 300, "Invalid metadata content."),
        ({"To": 7}, 403, "The JSON is not compatible"),
        ({"To": "refuse@example.com"}, 406, "Found inactive addresses: refuse@example.com."),
    ],
)
def test_what_is_wrong_with_a_mail_is_told_by_postmarks_error_codes(sandbox, changed, code, message):
    answer = sandbox.post("/demo/postmark/email", MAIL | changed)

    assert answer.status_code == 422
    assert answer.json()["ErrorCode"] == code
    assert message in answer.json()["Message"]
    assert sandbox.outcomes() == ["rejected"]


def test_what_is_no_json_is_refused(sandbox):
    answer = sandbox.http.post(
        f"{sandbox.url}/demo/postmark/email", data=b'{"From": ', headers={"X-Postmark-Server-Token": "any"}
    )

    assert (answer.status_code, answer.json()["ErrorCode"]) == (422, 402)


@pytest.mark.parametrize("size", [0, 501])
def test_a_batch_has_1_to_500_mails(sandbox, size):
    answer = sandbox.post("/demo/postmark/email/batch", [MAIL] * size)

    assert (answer.status_code, answer.json()["ErrorCode"]) == (422, 410)
    assert "accepted" not in sandbox.outcomes()


@pytest.mark.parametrize(("account", "token"), [("demo", ""), ("shop", "wrong")])
def test_a_missing_or_wrong_token_is_refused(sandbox, account, token):
    answer = sandbox.post(f"/{account}/postmark/email", MAIL, **{"X-Postmark-Server-Token": token})

    assert (answer.status_code, answer.json()["ErrorCode"]) == (401, 10)
    assert sandbox.outcomes() == ["rejected"]


def test_an_account_with_secrets_takes_its_own_token(sandbox, send_by_anymail):
    send_by_anymail(sandbox, account="shop", secrets={"server_token": "shop-token"})
    with pytest.raises(AnymailAPIError) as refused:
        send_by_anymail(sandbox, account="shop", secrets={"server_token": "other"})

    assert refused.value.status_code == 401
    assert sandbox.outcomes() == ["accepted", "rejected"]
