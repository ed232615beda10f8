"""Batches: one request, and for each of its mails a line in the journal and a place in the inbox."""

import pytest
import requests

MAILS = {
    "postmark": ("email/batch", {"From": "shop@example.com", "To": "ana@example.com", "TextBody": "Text"}, "Subject"),
    "resend": ("emails/batch", {"from": "shop@example.com", "to": "ana@example.com", "text": "Text"}, "subject"),
}
BOTH = pytest.mark.parametrize("provider", MAILS)


def post_batch(sandbox, provider, *subjects, **headers):
    endpoint, mail, subject = MAILS[provider]
    return sandbox.post(f"/demo/{provider}/{endpoint}", [mail | {subject: each} for each in subjects], **headers)


@BOTH
def test_each_mail_has_a_line_and_a_place_in_the_inbox(sandbox, provider):
    assert post_batch(sandbox, provider, "one", "two", "three").status_code == 200

    lines = sandbox.journal()
    assert [(line["subject"], line["outcome"]) for line in lines] == [
        (subject, "accepted") for subject in ("one", "two", "three")
    ]
    for line in lines:
        assert line["subject"] in sandbox.http.get(f"{sandbox.url}/mails/{line['esp_id']}").text


@BOTH
@pytest.mark.parametrize("fail", ["cut_after_accept", "reset", "500_after_accept", "html200"])
def test_all_of_a_batch_is_accepted_though_its_answer_is_lost(sandbox, provider, fail):
    sandbox.set_mode(fail=fail)

    try:
        answer = post_batch(sandbox, provider, "one", "two")
    except requests.RequestException:
        pass
    else:
        assert fail in {"500_after_accept", "html200"}, answer.text

    assert sandbox.outcomes() == ["accepted_unanswered"] * 2
    assert sandbox.http.get(f"{sandbox.url}/").text.count("ana@example.com") == 2


@BOTH
def test_all_of_a_batch_is_accepted_though_its_answer_never_comes(sandbox, provider):
    sandbox.set_mode(fail="timeout_after_accept")
    endpoint, mail, subject = MAILS[provider]
    sent = {"X-Postmark-Server-Token": "any", "Authorization": "Bearer any"}

    with pytest.raises(requests.ReadTimeout):
        sandbox.http.post(
            f"{sandbox.url}/demo/{provider}/{endpoint}", json=[mail | {subject: "one"}] * 2, headers=sent, timeout=0.3
        )

    assert sandbox.outcomes() == ["accepted_unanswered"] * 2


@BOTH
@pytest.mark.parametrize(("fail", "outcome"), [("500", "error"), ("429", "throttled"), ("401", "rejected")])
def test_what_fails_as_a_whole_accepts_nothing_and_says_so_of_each(sandbox, provider, fail, outcome):
    sandbox.set_mode(fail=fail)

    assert post_batch(sandbox, provider, "one", "two").status_code == int(fail)

    assert sandbox.outcomes() == [outcome] * 2
    assert "No mail yet" in sandbox.http.get(f"{sandbox.url}/").text


def test_a_batch_that_was_answered_in_part_is_answered_in_full_under_its_key(sandbox):
    sandbox.set_mode(partial_batch=1, count=1)
    first = post_batch(sandbox, "resend", "one", "two", **{"Idempotency-Key": "k"}).json()

    again = post_batch(sandbox, "resend", "one", "two", **{"Idempotency-Key": "k"}).json()

    assert (len(first["data"]), len(again["data"])) == (1, 2)
    assert again["data"][0] == first["data"][0]
    assert sandbox.outcomes() == ["accepted", "accepted_unanswered", "duplicate", "duplicate"]
