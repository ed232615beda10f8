import json
import os

import pytest

from webhooks.sandbox.journal import Entry, Journal, Outcome


def entry(**changed):
    values = {"at": "", "provider": "postmark", "account": "demo", "to": "ana@example.com", "subject": ""}
    return Entry(**values | {"our_id": None, "esp_id": "", "outcome": Outcome.ACCEPTED} | changed)


def test_polling_reads_each_line_once(sandbox, send_by_anymail):
    send_by_anymail(sandbox, subject="one")
    first = sandbox.http.get(f"{sandbox.url}/journal")
    send_by_anymail(sandbox, subject="two")

    second = sandbox.http.get(f"{sandbox.url}/journal", params={"since": first.headers["Journal-Until"]})
    third = sandbox.http.get(f"{sandbox.url}/journal", params={"since": second.headers["Journal-Until"]})

    assert [json.loads(answer.content)["subject"] for answer in (first, second)] == ["one", "two"]
    assert third.content == b""
    assert third.headers["Journal-Until"] == second.headers["Journal-Until"]


def test_one_accounts_lines_are_told_apart_whatever_a_subject_says(sandbox, send_by_anymail):
    send_by_anymail(sandbox, account="a", subject='"account":"b",')
    send_by_anymail(sandbox, account="b")

    assert [line["account"] for line in sandbox.journal(account="b")] == ["b"]


@pytest.mark.parametrize("since", ["x", "-1", ""])
def test_since_is_a_number(sandbox, since):
    assert sandbox.http.get(f"{sandbox.url}/journal?since={since or '%20'}").status_code == 400


def test_clearing_starts_the_journal_anew(sandbox, send_by_anymail):
    send_by_anymail(sandbox)
    sandbox.http.delete(f"{sandbox.url}/journal")
    assert sandbox.journal() == []
    assert sandbox.counts()["accounts"] == {}

    send_by_anymail(sandbox, subject="after")

    assert [line["subject"] for line in sandbox.journal()] == ["after"]
    assert [line["subject"] for line in sandbox.journal(since=100_000)] == ["after"]


def test_reset_forgets_mails_modes_and_keys(sandbox):
    mail = {"from": "shop@example.com", "to": "ana@example.com", "subject": "Hello", "text": "Text"}
    esp_id = sandbox.post("/demo/resend/emails", mail, **{"Idempotency-Key": "k"}).json()["id"]
    sandbox.set_mode(fail="500")

    sandbox.http.post(f"{sandbox.url}/reset")

    assert sandbox.journal() == []
    assert sandbox.http.get(f"{sandbox.url}/mails/{esp_id}").status_code == 404
    assert sandbox.post("/demo/resend/emails", mail, **{"Idempotency-Key": "k"}).json()["id"] != esp_id


def test_counts_are_by_account_and_outcome(sandbox, send_by_anymail):
    for account in ("a", "a", "b"):
        send_by_anymail(sandbox, account=account)

    assert sandbox.counts()["accounts"] == {"a": {"accepted": 2}, "b": {"accepted": 1}}


def test_a_new_journal_goes_on_where_the_file_ends(tmp_path):
    path = tmp_path / "deep" / "journal.jsonl"
    for subject in ("before", "after"):
        journal = Journal(path)
        journal.write([entry(subject=subject)])
        journal.close()

    assert [json.loads(line)["subject"] for line in path.read_text().splitlines()] == ["before", "after"]


def test_what_the_journal_cannot_hold_is_not_accepted(sandbox, monkeypatch):
    write = os.write
    monkeypatch.setattr("webhooks.sandbox.journal.os.write", lambda file, lines: write(file, lines[:10]))
    mail = {"From": "shop@example.com", "To": "ana@example.com", "TextBody": "Text"}

    answer = sandbox.post("/demo/postmark/email", mail)

    assert answer.status_code == 500
    assert sandbox.journal_path.read_text() == ""
    assert "No mail yet" in sandbox.http.get(f"{sandbox.url}/").text
