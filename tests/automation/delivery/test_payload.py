"""Lean payloads say what Anymail's own would say."""

import json
from importlib import import_module

import pytest
from anymail.exceptions import AnymailInvalidAddress, AnymailSerializationError, AnymailUnsupportedFeature
from anymail.message import AnymailMessage
from hypothesis import example, given
from hypothesis import strategies as st

from automation.delivery.payload import make_lean

SETTINGS = {"postmark": {"server_token": "t"}, "resend": {"api_key": "t"}}
words = st.text(max_size=20)


def open_backend(provider, *, lean, **settings):
    backend = import_module(f"anymail.backends.{provider}").EmailBackend(**SETTINGS[provider], **settings)
    if lean:
        make_lean(backend, provider)
    return backend


def request(email, provider, *, lean, **settings):
    backend = open_backend(provider, lean=lean, **settings)
    asked = backend.build_message_payload(email, backend.send_defaults).get_request_params("https://api.example.com/")
    asked["data"] = json.loads(asked["data"])
    return asked


def make_email(**fields):
    email = AnymailMessage(
        **{
            "subject": "Hello",
            "body": "Text",
            "from_email": '"Søren, Shop" <shop@bücher.example>',
            "to": ["Ana <ana@example.com>"],
            "reply_to": ["help@example.com", "Desk <desk@example.com>"],
            "headers": {"List-Unsubscribe": "<https://example.com/u>"},
            "metadata": {"message_id": "m-1"},
            **fields,
        }
    )
    email.attach_alternative("<p>Hé</p>", "text/html")
    return email


@pytest.mark.parametrize("provider", SETTINGS)
@given(subject=words, body=words, tag=words)
def test_the_request_is_the_same(provider, subject, body, tag):
    email = make_email(subject=subject, body=body, metadata={"message_id": "m", "tag": tag})

    assert request(email, provider, lean=True) == request(email, provider, lean=False)


@pytest.mark.parametrize("provider", SETTINGS)
@given(to=st.text("aB1.+-_@é\"'<>(), ", min_size=1, max_size=12) | st.emails())
@example(to="ana@example.com")
@example(to="a.b-C+1_@x-1.example")
@example(to="ana@")
@example(to="ana@example.com\n")
def test_any_recipient_is_read_or_refused_as_anymail_does(provider, to):
    assert outcome(to, provider, lean=True) == outcome(to, provider, lean=False)


def outcome(to, provider, *, lean):
    try:
        return request(make_email(to=[to]), provider, lean=lean)
    except AnymailInvalidAddress as error:
        return str(error)


@pytest.mark.parametrize("provider", SETTINGS)
def test_each_sender_keeps_its_own_addresses(provider):
    emails = [make_email(from_email=f"{name} <{name}@example.com>", reply_to=[f"{name}@example.com"]) for name in "ab"]

    for email in [*emails, *emails]:
        assert request(email, provider, lean=True) == request(email, provider, lean=False)


@pytest.mark.parametrize("provider", SETTINGS)
@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"from_email": "nobody at all"}, AnymailInvalidAddress),
        ({"reply_to": ["Shop, Ltd <shop@example.com>"]}, AnymailInvalidAddress),
        ({"to": ["a@"]}, AnymailInvalidAddress),
        ({"merge_global_data": {"a": 1}}, AnymailUnsupportedFeature),
        ({"esp_extra": {"odd": object()}}, AnymailSerializationError),
    ],
)
def test_what_anymail_refuses_is_refused(provider, fields, error):
    words = []
    for lean in (False, True):
        with pytest.raises(error) as refused:
            request(make_email(**fields), provider, lean=lean)
        words.append(str(refused.value))

    assert words[0] == words[1]


@pytest.mark.parametrize("provider", SETTINGS)
def test_what_has_an_endpoint_of_its_own_is_left_to_anymail(provider):
    email = make_email(to=["ana@example.com", "ben@example.com"], merge_metadata={"ana@example.com": {"n": 1}})

    backend = open_backend(provider, lean=True)

    assert not backend.build_message_payload(email, backend.send_defaults).is_plain
    assert request(email, provider, lean=True) == request(email, provider, lean=False)
