from pathlib import Path

import pytest

from webhooks.sandbox import inbox
from webhooks.sandbox.accounts import Account
from webhooks.sandbox.inbox import Inbox, Kept
from webhooks.sandbox.mail import Mail


def kept(esp_id, *, html=""):
    mail = Mail("shop@example.com", ["ana@example.com"], "Hello", html, "", [], None, {}, esp_id=esp_id)
    return Kept("postmark", Account("demo"), mail)


def test_an_empty_inbox_says_what_it_is_for(sandbox):
    page = sandbox.http.get(f"{sandbox.url}/")

    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "No mail yet" in page.text


def test_mails_are_listed_newest_first(sandbox, send_by_anymail):
    for subject in ("Autumn sale", "Winter sale"):
        send_by_anymail(sandbox, subject=subject)

    page = sandbox.http.get(f"{sandbox.url}/").text

    assert page.index("Winter sale") < page.index("Autumn sale")


def test_one_accounts_mails_can_be_listed_alone(sandbox, send_by_anymail):
    send_by_anymail(sandbox, account="a", subject="from a")
    send_by_anymail(sandbox, account="b", subject="from b")

    page = sandbox.http.get(f"{sandbox.url}/?account=b").text

    assert "from b" in page
    assert "from a" not in page


def test_the_modes_in_force_explain_why_mail_fails(sandbox):
    sandbox.set_mode(account="demo", fail="429")

    page = sandbox.http.get(f"{sandbox.url}/").text

    assert "429" in page
    assert "demo" in page


@pytest.mark.parametrize("provider", ["postmark", "resend"])
def test_a_mail_is_shown_with_headers_html_and_text(sandbox, send_by_anymail, provider):
    message = send_by_anymail(
        sandbox,
        provider,
        subject="<b>Sale</b>",
        body="In plain words",
        metadata={"message_id": "m-1"},
        headers={"List-Unsubscribe": "<https://example.com/u/1>"},
        alternatives=[("<p class='x'>In colour</p>", "text/html")],
    )

    page = sandbox.http.get(f"{sandbox.url}/mails/{message.anymail_status.message_id}")

    assert "&lt;b&gt;Sale&lt;" in page.text
    assert "<b>Sale" not in page.text
    assert "List-Unsubscribe" in page.text
    assert "In plain words" in page.text
    assert "m-1" in page.text
    assert 'srcdoc="&lt;base target=_blank&gt;&lt;p class=' in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_a_button_plays_what_happens_to_a_mail(run_sandbox, receiver, send_by_anymail):
    sandbox = run_sandbox(webhooks=receiver.url)
    esp_id = send_by_anymail(sandbox).anymail_status.message_id
    receiver.wait_for(1)

    answer = sandbox.http.post(f"{sandbox.url}/mails/{esp_id}/play", data={"event": "complained"})

    call = receiver.wait_for(2)[-1]
    assert (call.json["RecordType"], call.json["MessageID"]) == ("SpamComplaint", esp_id)
    assert answer.url == f"{sandbox.url}/mails/{esp_id}?played=complained"
    assert "Reported as <b>complained</b>" in answer.text


def test_without_a_receiver_there_are_no_buttons(sandbox, send_by_anymail):
    url = f"{sandbox.url}/mails/{send_by_anymail(sandbox).anymail_status.message_id}"

    played = sandbox.http.post(f"{url}/play", data={"event": "opened"})

    assert "<button" not in sandbox.http.get(url).text
    assert played.status_code == 409
    assert "--webhooks" in played.text


def test_an_event_nobody_knows_is_refused(run_sandbox, receiver, send_by_anymail):
    sandbox = run_sandbox(webhooks=receiver.url)
    esp_id = send_by_anymail(sandbox).anymail_status.message_id

    answer = sandbox.http.post(f"{sandbox.url}/mails/{esp_id}/play", data={"event": "vanished"})

    assert answer.status_code == 400
    assert "bounced" in answer.text


def test_only_the_last_mails_are_kept(monkeypatch):
    monkeypatch.setattr(inbox, "MAX_MAILS", 2)
    kept_mails = Inbox()

    for esp_id in ("1", "2", "3"):
        kept_mails.keep(kept(esp_id))

    assert [bool(kept_mails.find(esp_id)) for esp_id in ("1", "2", "3")] == [False, True, True]


def test_large_mails_push_out_more_of_the_old_ones(monkeypatch):
    monkeypatch.setattr(inbox, "MAX_CHARACTERS", 10_000)
    kept_mails = Inbox()

    for esp_id in ("1", "2"):
        kept_mails.keep(kept(esp_id))
    kept_mails.keep(kept("3", html="x" * 8_500))

    assert [bool(kept_mails.find(esp_id)) for esp_id in ("1", "2", "3")] == [False, False, True]


def test_the_pages_ship_with_the_code():
    assert {path.name for path in Path(inbox.PAGES).iterdir()} == {"base.html", "inbox.html", "mail.html"}
