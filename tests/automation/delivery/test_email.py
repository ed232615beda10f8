"""From an envelope to what the ESP is handed."""

import json
from email.utils import parseaddr
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.delivery import marks
from automation.delivery.claim import claim
from automation.delivery.email import NotFitToSend, build
from suppression.address import hash_address
from suppression.tokens import read_token
from templates_app.faults import RenderFailed
from tests.factories import make_message, make_sender, make_template, make_topic

pytestmark = pytest.mark.django_db

# C0, DEL, C1, and Unicode's line ends.
CONTROLS = [chr(code) for code in (*range(0x20), 0x7F, *range(0x80, 0xA0), 0x2028, 0x2029)]
PROVIDERS = {"postmark": {"server_token": "t"}, "resend": {"api_key": "t"}}


@pytest.fixture(autouse=True)
def public_url(settings):
    settings.PUBLIC_URL = "https://shop.example.com"


def envelope_of(message):
    [one] = claim(account=message.account, lane=message.lane, limit=1, epoch=marks.epoch()).claimed
    return one.envelope


def body_for(provider, email):
    """The bytes of the request that Anymail would make."""
    backend = import_module(f"anymail.backends.{provider}").EmailBackend(**PROVIDERS[provider])
    return backend.build_message_payload(email, backend.send_defaults).get_request_params(backend.api_url)["data"]


def with_field(envelope, field, value):
    """The envelope with another value, also of its sender's."""
    outer, _, inner = field.partition(".")
    return envelope._replace(**{outer: getattr(envelope, outer)._replace(**{inner: value}) if inner else value})


def marketing_message(**fields):
    return make_message(
        topic=make_topic(key="offers"),
        template=make_template(
            subject="Olá {{ name }}",
            html="<p>Olá {{ name }}</p> <a href='{{ unsubscribe_url }}'>leave</a> {{ postal_address }}",
            text="Olá {{ name }} {{ unsubscribe_url }} {{ postal_address }}",
            variables=[{"name": "name", "path": "contact.attributes.name"}],
        ),
        values={"name": "Ana"},
        **fields,
    )


def test_a_mail_is_addressed_and_holds_what_was_rendered():
    message = marketing_message(to_email="ana@example.com")

    email = build(envelope_of(message))

    assert (email.to, email.subject) == (["ana@example.com"], "Olá Ana")
    assert email.body.startswith("Olá Ana https://shop.example.com/u/")
    [(html, kind)] = email.alternatives
    assert (html.startswith("<p>Olá Ana</p>"), kind) == (True, "text/html")
    assert message.sender.postal_address in email.body
    assert message.sender.postal_address in html


def test_our_id_travels_in_the_metadata():
    message = make_message()

    assert build(envelope_of(message)).metadata == {"message_id": str(message.pk)}


def test_a_marketing_mail_says_how_to_leave():
    message = marketing_message(to_email="Ana@example.com")

    email = build(envelope_of(message))

    url = email.extra_headers["List-Unsubscribe"].strip("<>")
    token = read_token(url.removeprefix("https://shop.example.com/u/").strip("/"))
    assert email.extra_headers == {
        "List-Unsubscribe": f"<{url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": "<offers.shop.example.com>",
    }
    assert (token.address_hash, token.topic_id, token.message_id) == (
        hash_address("ana@example.com"),
        message.topic_id,
        message.pk,
    )
    assert url in email.body


def test_a_transactional_mail_has_nothing_to_leave():
    message = make_message(template=make_template(text="[{{ unsubscribe_url }}]"))

    email = build(envelope_of(message))

    assert email.extra_headers == {}
    assert email.body == "[]"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_both_ways_to_leave_and_our_id_reach_the_provider(provider):
    message = marketing_message()
    email = build(envelope_of(message))

    body = json.loads(body_for(provider, email))

    headers = body["headers"] if provider == "resend" else {h["Name"]: h["Value"] for h in body["Headers"]}
    assert email.extra_headers.items() <= headers.items()
    assert str(message.pk) in (headers["X-Metadata"] if provider == "resend" else body["Metadata"]["message_id"])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_same_message_gives_the_same_bytes_whenever_it_is_built(provider):
    envelope = envelope_of(marketing_message())

    bodies = [body_for(provider, build(envelope)) for _ in range(2)]

    assert bodies[0] == bodies[1]


def test_a_value_cannot_take_the_place_of_what_is_ours():
    message = make_message(
        template=make_template(text="{{ postal_address }} {{ message_id }}"),
        values={"postal_address": "elsewhere", "message_id": "x", "unsubscribe_url": "http://evil.example.com/"},
    )

    assert build(envelope_of(message)).body == f"{message.sender.postal_address} {message.pk}"


@pytest.mark.parametrize(
    "name", ["Shop", "Café Ñandú", 'Müller, "Öko" & Söhne', "日本" * 40, "a\\b", "<b>", "a@b", "(c)", "O'Neil; Co."]
)
def test_a_senders_name_reaches_the_provider_as_it_was_written(name):
    message = make_message(sender=make_sender(name=name, email="shop@example.com"))

    email = build(envelope_of(message))

    sent = json.loads(body_for("postmark", email))["From"]
    assert parseaddr(sent) == (name, "shop@example.com")


def test_a_sender_needs_no_name():
    message = make_message(sender=make_sender(name="", email="shop@example.com"))

    assert build(envelope_of(message)).from_email == "shop@example.com"


FIELDS_OF_HEADERS = ["to_email", "sender.name", "sender.email", "sender.reply_to", "topic_key"]


@pytest.mark.parametrize("field", FIELDS_OF_HEADERS)
def test_a_control_character_is_refused_in_whatever_becomes_a_header(field):
    envelope = envelope_of(marketing_message(sender=make_sender(name="Shop", reply_to="help@example.com")))
    assert build(envelope)

    @given(before=st.text(), character=st.sampled_from(CONTROLS), after=st.text())
    def check(before, character, after):
        secret = f"{before}{character}{after}"

        with pytest.raises(NotFitToSend) as caught:
            build(with_field(envelope, field, secret))

        assert str(caught.value).startswith("There is a control character in ")

    check()


def test_a_control_character_in_our_own_address_is_refused(settings):
    envelope = envelope_of(marketing_message())
    settings.PUBLIC_URL = "https://shop.example.com/\r\nBcc: eve@example.com/"

    with pytest.raises(NotFitToSend):
        build(envelope)


def test_a_control_character_in_a_value_of_the_subject_is_refused():
    message = make_message(
        template=make_template(
            subject="Hi {{ name }}", variables=[{"name": "name", "path": "contact.attributes.name"}]
        ),
        values={"name": "Ana\r\nBcc: eve@example.com"},
    )

    with pytest.raises(RenderFailed):
        build(envelope_of(message))


@pytest.mark.parametrize(("reply_to", "addresses"), [("", []), ("help@example.com", ["help@example.com"])])
def test_answers_go_where_the_sender_says(reply_to, addresses):
    message = make_message(sender=make_sender(reply_to=reply_to))

    assert build(envelope_of(message)).reply_to == addresses


def test_a_mail_without_html_has_only_text():
    message = make_message(template=make_template(html=""))

    assert build(envelope_of(message)).alternatives == []


def test_a_mail_is_built_in_the_language_that_the_message_names():
    template = make_template(subject="Hello", languages={"pt": {"subject": "Olá"}})
    message = make_message(template=template, language="pt")

    assert build(envelope_of(message)).subject == "Olá"
