from webhooks.sandbox import idempotency
from webhooks.sandbox.idempotency import LIFE, Idempotency

SCOPE = ("demo", "emails", "k")


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def test_a_key_is_known_for_a_day():
    clock = Clock()
    keys = Idempotency(clock)
    keys.remember(SCOPE, body=b"mail", esp_ids=["1"], answered_in=0)

    clock.now += LIFE - 1
    known = keys.recall(SCOPE)
    clock.now += 1
    forgotten = keys.recall(SCOPE)

    assert known is not None
    assert known.esp_ids == ["1"]
    assert forgotten is None


def test_a_request_is_in_progress_until_it_is_answered():
    clock = Clock()
    keys = Idempotency(clock)
    keys.remember(SCOPE, body=b"mail", esp_ids=["1"], answered_in=2)

    taken = keys.recall(SCOPE)

    assert taken is not None
    assert keys.in_progress(taken)
    clock.now += 2
    assert not keys.in_progress(taken)


def test_a_request_without_a_key_is_never_known():
    keys = Idempotency(Clock())

    keys.remember(None, body=b"mail", esp_ids=["1"], answered_in=0)

    assert keys.recall(None) is None


def test_only_the_last_keys_are_kept(monkeypatch):
    monkeypatch.setattr(idempotency, "MAX_KEPT", 2)
    keys = Idempotency(Clock())

    for key in "abc":
        keys.remember(("demo", "emails", key), body=b"mail", esp_ids=[key], answered_in=0)

    assert [keys.recall(("demo", "emails", key)) is not None for key in "abc"] == [False, True, True]
