"""Whatever stands in a call, also one that is signed as it should be: no error of ours, at the door or in the pump."""

import copy
import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.webhooks.esps import ESPS, make_esp_account, post
from tests.webhooks.payloads import EXAMPLES
from tests.webhooks.words import WORDS
from webhooks.digest import digest
from webhooks.models import InboxEvent

pytestmark = pytest.mark.django_db

TEXT = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["\0", "\ud800", "ana@example.com", "1e999", "x" * 5_000]
)
LEAF = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
TREE = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6
)
PAYLOADS = {name: [one.payload for one in EXAMPLES + WORDS if one.provider == name] for name in ESPS}
GONE = object()


def paths(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """To every node but the root."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from paths(value, (*path, key))


def changed(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    tree = copy.deepcopy(tree)
    node = tree
    for key in path[:-1]:
        node = node[key]
    if value is GONE:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return tree


@st.composite
def almost_real(draw: Any, provider: str) -> Any:
    """One of this ESP's payloads with one or two nodes that are something else, or missing."""
    payload = draw(st.sampled_from(PAYLOADS[provider]))
    for _ in range(draw(st.integers(1, 2))):
        if known := list(paths(payload)):
            payload = changed(payload, draw(st.sampled_from(known)), draw(TREE | st.just(GONE)))
    return payload


@pytest.mark.parametrize("provider", sorted(ESPS))
def test_what_is_almost_as_it_should_be_does_no_harm(client: Client, monkeypatch, provider: str) -> None:
    account = make_esp_account(provider, monkeypatch)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(payload=almost_real(provider))
    def check(payload: Any) -> None:
        response = post(client, account, ESPS[provider].call(payload))
        assert response.status_code in {200, 400, 403}
        digest(list(InboxEvent.objects.filter(status="new").select_related("account")), at=timezone.now())

    check()


@pytest.mark.parametrize("provider", sorted(ESPS))
def test_what_is_nothing_like_it_does_no_harm_either(client: Client, monkeypatch, provider: str) -> None:
    account = make_esp_account(provider, monkeypatch)
    known = ESPS[provider].call({})

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(body=st.binary(max_size=200) | TREE.map(lambda tree: json.dumps(tree).encode()))
    def check(body: bytes) -> None:
        for headers in ({}, known.headers):
            response = post(client, account, known._replace(body=body, headers=headers))
            assert response.status_code in {200, 400, 401, 403, 411}
        digest(list(InboxEvent.objects.filter(status="new").select_related("account")), at=timezone.now())

    check()


@pytest.mark.parametrize("provider", sorted(ESPS))
def test_a_gzip_bomb_is_not_unpacked(client: Client, monkeypatch, provider: str) -> None:
    account = make_esp_account(provider, monkeypatch)
    call = ESPS[provider].call({})
    bomb = call._replace(body=gzip.compress(b"0" * 50_000_000))

    assert post(client, account, bomb).status_code in {400, 401, 403}
    headers = {**call.headers, "Content-Encoding": "gzip"}
    assert post(client, account, bomb._replace(headers=headers)).status_code == 415
