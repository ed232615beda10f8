import pytest
from anymail.exceptions import AnymailAPIError

MAIL = {"from": "shop@example.com", "to": ["ana@example.com"], "subject": "Hello", "text": "Text"}


def test_anymail_sends_a_mail_and_learns_its_id(sandbox, send_by_anymail):
    message = send_by_anymail(sandbox, "resend", to="Ana <ana@example.com>", metadata={"message_id": "m-1"})

    [line] = sandbox.journal()
    assert message.anymail_status.status == {"queued"}
    assert line["esp_id"] == message.anymail_status.message_id
    assert (line["provider"], line["to"], line["our_id"], line["outcome"]) == (
        "resend",
        "ana@example.com",
        "m-1",
        "accepted",
    )


def test_our_id_is_found_in_resends_own_tags_too(sandbox):
    sandbox.post("/demo/resend/emails", MAIL | {"tags": [{"name": "message_id", "value": "m-2"}]})

    assert sandbox.journal()[0]["our_id"] == "m-2"


@pytest.mark.parametrize("metadata", ["{", "[]", '{"other": 1}'])
def test_metadata_of_someone_elses_is_no_fault(sandbox, metadata):
    answer = sandbox.post("/demo/resend/emails", MAIL | {"headers": {"X-Metadata": metadata}})

    assert answer.status_code == 200
    assert sandbox.journal()[0]["our_id"] is None


def test_a_batch_gets_its_ids_in_order(sandbox, send_by_anymail):
    message = send_by_anymail(
        sandbox,
        "resend",
        to=["ana@example.com", "ben@example.com"],
        merge_metadata={"ana@example.com": {"message_id": "m-a"}, "ben@example.com": {"message_id": "m-b"}},
    )

    recipients = message.anymail_status.recipients
    lines = sandbox.journal()
    assert [line["our_id"] for line in lines] == ["m-a", "m-b"]
    assert [line["esp_id"] for line in lines] == [recipients[address].message_id for address in message.to]


def test_one_bad_mail_refuses_a_batch(sandbox):
    answer = sandbox.post("/demo/resend/emails/batch", [MAIL, MAIL | {"to": "refuse@example.com"}])

    assert (answer.status_code, answer.json()["name"]) == (422, "validation_error")
    assert sandbox.outcomes() == ["rejected", "rejected"]


def test_one_bad_mail_is_left_out_of_a_permissive_batch(sandbox):
    mails = [MAIL, MAIL | {"to": "refuse@example.com"}, MAIL]

    answer = sandbox.post("/demo/resend/emails/batch", mails, **{"x-batch-validation": "permissive"})

    assert answer.status_code == 200
    assert [item["id"] for item in answer.json()["data"]] == [
        line["esp_id"] for line in sandbox.journal() if line["outcome"] == "accepted"
    ]
    assert [error["index"] for error in answer.json()["errors"]] == [1]
    assert sandbox.outcomes() == ["accepted", "rejected", "accepted"]


@pytest.mark.parametrize(
    ("changed", "name", "message"),
    [
        ({"from": ""}, "missing_required_field", "Missing `from` field."),
        ({"from": "nobody"}, "validation_error", "Invalid `from` field."),
        ({"to": []}, "missing_required_field", "Missing `to` field."),
        ({"to": "ana"}, "validation_error", "Invalid `to` field."),
        ({"bcc": ["ana"]}, "validation_error", "Invalid `to` field."),
        ({"to": [f"u{n}@example.com" for n in range(51)]}, "validation_error", "at most 50"),
        ({"subject": None}, "missing_required_field", "Missing `subject` field."),
        ({"text": None}, "missing_required_field", "Missing `html` or `text` field."),
        ({"headers": {"X-Number": 1}}, "validation_error", "Expected `str`, got `int`"),
        ({"to": "refuse-7@example.com"}, "validation_error", "Invalid `to` field."),
    ],
)
def test_what_is_wrong_with_a_mail_is_told_by_resends_error_names(sandbox, changed, name, message):
    answer = sandbox.post("/demo/resend/emails", MAIL | changed)

    assert answer.status_code == 422
    assert answer.json()["statusCode"] == 422
    assert answer.json()["name"] == name
    assert message in answer.json()["message"]
    assert sandbox.outcomes() == ["rejected"]


def test_anymail_reports_a_refused_recipient(sandbox, send_by_anymail):
    with pytest.raises(AnymailAPIError) as refused:
        send_by_anymail(sandbox, "resend", to="refuse@example.com")

    assert refused.value.status_code == 422


def test_what_is_no_json_is_refused(sandbox):
    answer = sandbox.http.post(
        f"{sandbox.url}/demo/resend/emails", data=b"\xff", headers={"Authorization": "Bearer any"}
    )

    assert (answer.status_code, answer.json()["name"]) == (400, "validation_error")


@pytest.mark.parametrize("size", [0, 101])
def test_a_batch_has_1_to_100_mails(sandbox, size):
    answer = sandbox.post("/demo/resend/emails/batch", [MAIL] * size)

    assert (answer.status_code, answer.json()["name"]) == (422, "validation_error")
    assert "accepted" not in sandbox.outcomes()


@pytest.mark.parametrize(
    ("account", "authorization", "status", "name"),
    [
        ("demo", "", 401, "missing_api_key"),
        ("demo", "Basic x", 401, "missing_api_key"),
        ("signed", "Bearer wrong", 403, "invalid_api_key"),
        ("signed", "Bearer re_key", 200, None),
    ],
)
def test_a_missing_or_wrong_key_is_refused(sandbox, account, authorization, status, name):
    answer = sandbox.post(f"/{account}/resend/emails", MAIL, Authorization=authorization)

    assert (answer.status_code, answer.json().get("name")) == (status, name)


def test_the_same_request_under_a_key_is_answered_again_but_not_accepted_again(sandbox):
    first = sandbox.post("/demo/resend/emails", MAIL, **{"Idempotency-Key": "k"})
    again = sandbox.post("/demo/resend/emails", MAIL, **{"Idempotency-Key": "k"})

    assert again.json() == first.json()
    assert sandbox.outcomes() == ["accepted", "duplicate"]
    assert {line["esp_id"] for line in sandbox.journal()} == {first.json()["id"]}


def test_a_batch_under_a_key_is_answered_again_with_the_same_ids(sandbox):
    first = sandbox.post("/demo/resend/emails/batch", [MAIL, MAIL], **{"Idempotency-Key": "k"})
    again = sandbox.post("/demo/resend/emails/batch", [MAIL, MAIL], **{"Idempotency-Key": "k"})

    assert again.json() == first.json()
    assert sandbox.outcomes() == ["accepted", "accepted", "duplicate", "duplicate"]


def test_another_request_under_a_key_is_a_conflict(sandbox):
    sandbox.post("/demo/resend/emails", MAIL, **{"Idempotency-Key": "k"})

    answer = sandbox.post("/demo/resend/emails", MAIL | {"subject": "Other"}, **{"Idempotency-Key": "k"})

    assert (answer.status_code, answer.json()["name"]) == (409, "invalid_idempotent_request")
    assert sandbox.outcomes() == ["accepted", "rejected"]


@pytest.mark.parametrize(("path", "body"), [("/other/resend/emails", MAIL), ("/demo/resend/emails/batch", [MAIL])])
def test_a_key_counts_within_its_account_and_endpoint(sandbox, path, body):
    sandbox.post("/demo/resend/emails", MAIL, **{"Idempotency-Key": "k"})

    answer = sandbox.post(path, body, **{"Idempotency-Key": "k"})

    assert answer.status_code == 200
    assert sandbox.outcomes() == ["accepted", "accepted"]


def test_a_request_that_was_refused_leaves_its_key_free(sandbox):
    sandbox.post("/demo/resend/emails", MAIL | {"to": "refuse@example.com"}, **{"Idempotency-Key": "k"})

    answer = sandbox.post("/demo/resend/emails", MAIL, **{"Idempotency-Key": "k"})

    assert answer.status_code == 200


@pytest.mark.parametrize("key", ["", "k" * 257])
def test_a_key_has_1_to_256_characters(sandbox, key):
    answer = sandbox.post("/demo/resend/emails", MAIL, **{"Idempotency-Key": key})

    assert (answer.status_code, answer.json()["name"]) == (400, "invalid_idempotency_key")


def test_a_repeat_while_the_first_is_under_way_is_told_so(sandbox, run_in_background):
    sandbox.set_mode(latency_ms=400, count=1)
    first = run_in_background(lambda: sandbox.post("/demo/resend/emails", MAIL, **{"Idempotency-Key": "k"}))
    while not sandbox.journal_path.read_text():
        pass

    repeat = sandbox.post("/demo/resend/emails", MAIL, **{"Idempotency-Key": "k"})
    answered = first.result(5)
    later = sandbox.post("/demo/resend/emails", MAIL, **{"Idempotency-Key": "k"})

    assert (repeat.status_code, repeat.json()["name"]) == (409, "concurrent_idempotent_requests")
    assert later.json() == answered.json()
    assert sandbox.outcomes() == ["accepted", "rejected", "duplicate"]
