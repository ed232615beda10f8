from base64 import urlsafe_b64encode
from uuid import UUID

import pytest
from django.core.signing import Signer
from hypothesis import given
from hypothesis import strategies as st

from suppression.tokens import BadToken, UnsubscribeToken, make_token, read_token
from tests.suppression.factories import ANA, MESSAGE_ID


@given(st.binary(min_size=32, max_size=32), st.none() | st.integers(1, 2**63 - 1), st.uuids())
def test_a_token_says_what_was_put_in(address_hash: bytes, topic_id: int | None, message_id: UUID) -> None:
    token = make_token(address_hash=address_hash, topic_id=topic_id, message_id=message_id)

    assert read_token(token) == UnsubscribeToken(address_hash, topic_id, message_id)


def test_a_token_fits_into_a_url_as_it_is() -> None:
    token = make_token(address_hash=ANA, topic_id=7, message_id=MESSAGE_ID)

    assert len(token) <= 120
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_changing_any_character_breaks_a_token() -> None:
    token = make_token(address_hash=ANA, topic_id=7, message_id=MESSAGE_ID)

    for position, character in enumerate(token):
        damaged = token[:position] + ("A" if character != "A" else "B") + token[position + 1 :]
        with pytest.raises(BadToken):
            read_token(damaged)


@given(st.text())
def test_garbage_is_refused(garbage: str) -> None:
    with pytest.raises(BadToken):
        read_token(garbage)


@pytest.mark.parametrize("garbage", ["", ".", "\x00", "\udcff.x", "a" * 100_000, "é.é"])
def test_odd_garbage_is_refused(garbage: str) -> None:
    with pytest.raises(BadToken):
        read_token(garbage)


@pytest.mark.parametrize("payload", [b"", b"\x01short", b"\x02" + bytes(56)])
def test_what_we_signed_for_another_purpose_or_in_another_format_is_refused(settings, payload: bytes) -> None:
    signer = Signer(key=settings.SUPPRESSION_HASH_KEY, fallback_keys=[], sep=".", salt="suppression.unsubscribe")

    with pytest.raises(BadToken):
        read_token(signer.sign(urlsafe_b64encode(payload).decode()))


def test_a_token_outlives_a_change_of_the_secret_key(settings) -> None:
    token = make_token(address_hash=ANA, topic_id=7, message_id=MESSAGE_ID)

    settings.SECRET_KEY = "another secret key, since the old one leaked"
    settings.SECRET_KEY_FALLBACKS = []

    assert read_token(token).address_hash == ANA


def test_a_token_of_another_installation_is_refused(settings) -> None:
    token = make_token(address_hash=ANA, topic_id=7, message_id=MESSAGE_ID)

    settings.SUPPRESSION_HASH_KEY = "the key of another installation"

    with pytest.raises(BadToken):
        read_token(token)
