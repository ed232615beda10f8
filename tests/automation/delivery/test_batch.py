"""Batch calls against an ESP: each message has a result of its own, and nothing is handed over twice."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from automation.core.lanes import Lane
from automation.core.redis import client
from automation.delivery.batch import MAX_TOGETHER
from automation.delivery.deliver import deliver
from automation.models import Attempt, Message
from suppression.models import Suppression
from tests.automation.delivery.stub_esp import StubEsp, answer, reset
from tests.factories import make_account, make_message, make_sender, make_template

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]

BOTH = pytest.mark.parametrize("provider", ["postmark", "resend"])


@pytest.fixture(autouse=True)
def full_buckets():
    client().flushdb()


@pytest.fixture
def batch_account(account_at):
    def make(provider="postmark", **fields):
        return account_at(provider, batch_calls=True, concurrency=1, **fields)

    return make


@pytest.fixture
def stub():
    esp = StubEsp()
    yield esp
    esp.close()


@pytest.fixture
def stub_account(stub, monkeypatch):
    """As `batch_account`, at an ESP that answers as it is told."""

    def make(provider="postmark"):
        monkeypatch.setenv("ESP_TEST", json.dumps(settings[provider]))
        return make_account(provider=provider, api_url=stub.url, batch_calls=True, concurrency=1)

    settings = {"postmark": {"server_token": "t"}, "resend": {"api_key": "t"}}
    return make


def run(seconds=5):
    return deliver(lane=Lane.TRANSACTIONAL, budget=timedelta(seconds=seconds))


def make_messages(account, count, **fields):
    shared = {"sender": make_sender(account), "template": make_template(subject="{{ message_id }}"), **fields}
    return [make_message(account=account, **shared) for _ in range(count)]


def statuses(messages):
    return [Message.objects.get(pk=message.pk).status for message in messages]


def accepts(esp):
    return sorted(line["our_id"] for line in esp.journal() if line["outcome"].startswith("accepted"))


@BOTH
def test_each_message_goes_out_once_with_its_own_words_and_ids(esp, batch_account, provider):
    messages = make_messages(batch_account(provider), 120)

    assert [run(), run()] == [120, 0]

    journal = {line["our_id"]: line for line in esp.journal()}
    assert len(journal) == len(esp.journal()) == 120
    for message in Message.objects.all():
        line = journal[str(message.pk)]
        assert (message.status, message.esp_message_id) == ("sent", line["esp_id"])
        assert (line["subject"], line["to"]) == (str(message.pk), message.to_email)
    assert Attempt.objects.filter(outcome="accepted").count() == len(messages)


@BOTH
def test_a_call_carries_no_more_than_is_allowed(stub_account, provider, stub):
    account = stub_account(provider)
    make_messages(account, MAX_TOGETHER + 1)
    stub.answers = [answer(429)]

    run()

    assert len(json.loads(stub.requests[0].body)) == MAX_TOGETHER


@BOTH
def test_one_message_goes_by_a_call_of_its_own(esp, batch_account, provider):
    make_messages(batch_account(provider), 1)

    assert run() == 1

    assert esp.outcomes() == ["accepted"]


@BOTH
def test_a_poison_recipient_fails_alone(esp, batch_account, provider):
    account = batch_account(provider)
    sound = make_messages(account, 10)
    [poison] = make_messages(account, 1, to_email="refuse@example.com")

    run()

    assert statuses([poison]) == ["failed"]
    assert statuses(sound) == ["sent"] * 10
    assert accepts(esp) == sorted(str(message.pk) for message in sound)
    assert Suppression.objects.count() == 1
    assert Attempt.objects.filter(message=poison).count() == 1


@BOTH
def test_a_mail_that_cannot_be_built_fails_alone(esp, batch_account, provider):
    account = batch_account(provider)
    sound = make_messages(account, 3)
    [broken] = make_messages(account, 1, template=make_template(subject="{{ name }}"), values={"name": "a\r\nBcc: b"})

    run()

    assert (statuses([broken]), set(statuses(sound))) == (["failed"], {"sent"})


def test_what_a_partial_answer_leaves_out_is_uncertain_and_nothing_else(esp, batch_account):
    esp.set_mode(partial_batch=7)
    messages = make_messages(batch_account(), 10)

    run()
    run()

    assert sorted(statuses(messages)) == ["sent"] * 7 + ["uncertain"] * 3
    assert len(accepts(esp)) == 10
    told = {line["our_id"] for line in esp.journal() if line["outcome"] == "accepted"}
    assert told == {str(pk) for pk in Message.objects.filter(status="sent").values_list("pk", flat=True)}


@pytest.mark.parametrize("fail", ["500", "html200", "cut_before_accept", "cut_after_accept", "reset"])
def test_a_lost_answer_leaves_all_of_a_batch_uncertain_and_nothing_is_repeated(esp, batch_account, fail):
    esp.set_mode(fail=fail, count=1)
    messages = make_messages(batch_account(), 10)

    run()
    run()

    assert set(statuses(messages)) == {"uncertain"}
    assert len(esp.journal()) == 10


@pytest.mark.parametrize(
    ("mode", "outcomes"),
    [
        ({"fail": "cut_after_accept"}, {"accepted_unanswered": 10, "duplicate": 10}),
        ({"fail": "500_after_accept"}, {"accepted_unanswered": 10, "duplicate": 10}),
        ({"fail": "500"}, {"error": 10, "accepted": 10}),
        ({"partial_batch": 4}, {"accepted": 4, "accepted_unanswered": 6, "duplicate": 10}),
    ],
)
def test_under_a_key_the_same_request_is_made_once_more_and_taken_once(esp, batch_account, mode, outcomes):
    esp.set_mode(**mode, count=1)
    messages = make_messages(batch_account("resend"), 10)

    run()

    assert set(statuses(messages)) == {"sent"}
    assert esp.counts()["accounts"]["esp"] == outcomes
    ids = {line["our_id"]: line["esp_id"] for line in esp.journal() if line["esp_id"]}
    assert {str(m.pk): m.esp_message_id for m in Message.objects.all()} == ids


def test_an_answer_lost_twice_is_not_asked_for_again_later_though_the_esp_honours_keys(esp, batch_account):
    """The batch's key is not the message's own: alone, the ESP would take it anew."""
    esp.set_mode(fail="cut_after_accept", count=2)
    messages = make_messages(batch_account("resend"), 10)

    run()
    Message.objects.update(due_at=timezone.now())
    run()

    assert set(statuses(messages)) == {"uncertain"}
    assert len(accepts(esp)) == 10


def test_an_unknown_batch_that_is_refused_when_asked_again_stays_unknown(stub_account, stub):
    account = stub_account("resend")
    messages = make_messages(account, 3)
    stub.answers = [reset, answer(422, {"name": "validation_error", "message": "No."})]

    run()

    assert set(statuses(messages)) == {"uncertain"}
    assert len(stub.requests) == 2
    assert stub.requests[0].body == stub.requests[1].body
    assert len({request.header("Idempotency-Key") for request in stub.requests}) == 1


def test_a_message_that_the_esp_may_have_under_its_own_key_goes_alone_and_under_it(stub, stub_account):
    account = stub_account("resend")
    others = make_messages(account, 2)
    [known] = make_messages(account, 1, uncertain_at=timezone.now())
    others += make_messages(account, 2)
    stub.answers = [
        answer(200, {"data": [{"id": "a"}, {"id": "b"}]}),
        answer(200, {"id": "c"}),
        answer(200, {"data": [{"id": "d"}, {"id": "e"}]}),
    ]

    run()

    paths = [request.line.split()[1] for request in stub.requests]
    assert paths == ["/emails/batch", "/emails", "/emails/batch"]
    assert stub.requests[1].header("Idempotency-Key") == str(known.pk)
    assert set(statuses([known, *others])) == {"sent"}


def test_a_batch_that_is_refused_as_a_whole_goes_message_by_message(stub_account, stub):
    account = stub_account()
    messages = make_messages(account, 3)
    stub.answers = [answer(422, {"ErrorCode": 402, "Message": "Received invalid JSON input."}), answer()]

    run()

    assert set(statuses(messages)) == {"sent"}
    assert [request.line for request in stub.requests] == ["POST /email/batch HTTP/1.1"] + ["POST /email HTTP/1.1"] * 3


def test_a_batch_with_one_bad_mail_is_refused_as_a_whole_by_who_knows_no_permissive_mode(stub_account, stub):
    account = stub_account("resend")
    messages = make_messages(account, 2)
    refusal = answer(422, {"statusCode": 422, "name": "validation_error", "message": "Invalid `to` field."})
    stub.answers = [refusal, refusal, answer(200, {"id": "esp-2"})]

    run()

    assert sorted(statuses(messages)) == ["failed", "sent"]


@pytest.mark.parametrize(
    ("status", "becomes"), [(429, "queued"), (401, "queued"), (404, "queued"), (503, "uncertain"), (408, "uncertain")]
)
def test_what_is_said_to_a_batch_is_said_to_each_of_its_messages(stub_account, stub, status, becomes):
    account = stub_account()
    messages = make_messages(account, 4)
    stub.answers = [answer(status, {"Message": "x"}, **({"Retry_After": "300"} if status == 429 else {}))]

    run()

    assert set(statuses(messages)) == {becomes}
    assert len(stub.requests) == 1
    account.refresh_from_db()
    assert account.status == ("paused" if status in (401, 404) else "active")


def test_what_is_refused_to_the_account_when_tried_alone_is_not_tried_for_the_others(stub_account, stub):
    account = stub_account()
    messages = make_messages(account, 5)
    stub.answers = [answer(422, {"ErrorCode": 402, "Message": "x"}), answer(401, {"ErrorCode": 10, "Message": "x"})]

    run()

    assert set(statuses(messages)) == {"queued"}
    assert len(stub.requests) == 2


@pytest.mark.parametrize(
    "body", [b"<html>", {}, [], [1], [{"ErrorCode": 0}] * 3, {"data": 5}, {"data": [{"id": "a"}] * 9}, b"[" * 5000]
)
@BOTH
def test_an_answer_that_says_nothing_leaves_all_uncertain(stub_account, stub, provider, body):
    account = stub_account(provider)
    messages = make_messages(account, 2)
    stub.answers = [answer(200, body)]

    run()

    assert set(statuses(messages)) == {"uncertain"}


def test_a_batch_takes_a_token_for_each_message(esp, batch_account):
    make_messages(batch_account(rate_limit=1, burst=30), 60)

    run(seconds=1)

    assert 29 <= len(esp.journal()) <= 33


def test_without_batch_calls_each_message_is_a_call_of_its_own(stub, monkeypatch):
    monkeypatch.setenv("ESP_TEST", json.dumps({"server_token": "t"}))
    make_messages(make_account(api_url=stub.url), 5)

    run()

    assert len(stub.requests) == 5
