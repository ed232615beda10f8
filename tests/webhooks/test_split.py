import json
from urllib.parse import parse_qs

import pytest

from tests.webhooks.esps import ESPS
from tests.webhooks.payloads import EXAMPLES, sendgrid
from webhooks.dialects import dialect_of
from webhooks.split import split

SENDS_LISTS = ["mailjet", "mailtrap", "mandrill", "sendgrid", "sparkpost", "unisender_go"]


def events_in(provider: str, body: bytes) -> list[object]:
    dialect = dialect_of(provider)
    assert dialect
    assert dialect.events_at is not None
    tree = json.loads(parse_qs(body.decode())[dialect.form_field][0] if dialect.form_field else body)
    for step in dialect.events_at:
        tree = tree[step]
    return list(tree)


def doubled(provider: str) -> bytes:
    """A body with two events of this ESP."""
    payload = next(e.payload for e in EXAMPLES if e.provider == provider and e.kind == "hard_bounce")
    text = json.dumps(payload)
    tree = json.loads(text)
    dialect = dialect_of(provider)
    assert dialect
    assert dialect.events_at is not None
    events = tree
    for step in dialect.events_at:
        events = events[step]
    events.append({**events[0], "second": True})
    return ESPS[provider].call(tree).body


@pytest.mark.parametrize("provider", SENDS_LISTS)
def test_each_event_comes_alone_in_the_form_of_the_whole(provider: str) -> None:
    dialect, body = dialect_of(provider), doubled(provider)
    assert dialect

    first, second = split(body, dialect)

    assert events_in(provider, first) + events_in(provider, second) == events_in(provider, body)


@pytest.mark.parametrize("provider", sorted(set(ESPS) - set(SENDS_LISTS)))
def test_the_others_send_one_event_at_a_time(provider: str) -> None:
    dialect = dialect_of(provider)
    assert dialect

    assert split(b"whatever", dialect) == [b"whatever"]


def test_a_single_event_may_come_bare() -> None:
    dialect = dialect_of("mailjet")
    assert dialect

    assert split(b'{"event": "sent"}', dialect) == [b'{"event": "sent"}']


def test_letters_of_all_languages_survive() -> None:
    dialect = dialect_of("sendgrid")
    assert dialect
    body = json.dumps([sendgrid("open", useragent="Grüße, 世界")]).encode()

    [alone] = split(body, dialect)

    assert json.loads(alone) == json.loads(body)
