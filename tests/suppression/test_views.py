import re

import pytest
from django.test import Client
from django.urls import reverse

from suppression.models import Consent, Suppression, Topic
from suppression.tokens import make_token
from suppression.words import WORDS
from tests.suppression.factories import ANA, MESSAGE_ID, make_topic

pytestmark = pytest.mark.django_db
ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def topic() -> Topic:
    return make_topic(name="Offers", description="What is cheaper this week.")


@pytest.fixture
def stranger() -> Client:
    """A mail client or a browser that was never here: no cookies, and CSRF checks on."""
    return Client(enforce_csrf_checks=True)


def link(topic: Topic | None = None, *, topic_id: int | None = None) -> str:
    token = make_token(address_hash=ANA, topic_id=topic.pk if topic else topic_id, message_id=MESSAGE_ID)
    return reverse("suppression:unsubscribe", args=[token])


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_the_link_changes_nothing(stranger: Client, topic: Topic, method: str) -> None:
    response = getattr(stranger, method)(link(topic) + "?List-Unsubscribe=One-Click&leave=everything")

    assert response.status_code == 200
    assert not Suppression.objects.exists()
    assert not Consent.objects.exists()


def test_the_page_offers_to_leave_the_topic_or_everything(stranger: Client, topic: Topic) -> None:
    response = stranger.get(link(topic))

    assert b"Offers" in response.content
    assert b"What is cheaper this week." in response.content
    assert b'name="leave" value="topic"' in response.content
    assert b'name="leave" value="everything"' in response.content


def test_the_page_escapes_what_marketers_write(stranger: Client) -> None:
    response = stranger.get(link(make_topic(name="<script>alert(1)</script>")))

    assert b"<script>" not in response.content


@pytest.mark.parametrize("topic_id", [None, 2**40])
def test_without_a_topic_the_page_offers_to_leave_everything(stranger: Client, topic_id: int | None) -> None:
    response = stranger.get(link(topic_id=topic_id))

    assert b'value="topic"' not in response.content
    assert b'value="everything"' in response.content


def test_one_click_leaves_the_topic(stranger: Client, topic: Topic) -> None:
    response = stranger.post(link(topic), ONE_CLICK, content_type=FORM)

    assert response.status_code == 200
    suppression = Suppression.objects.get()
    assert (bytes(suppression.address_hash), suppression.topic, suppression.source) == (ANA, topic, "one-click")


def test_one_click_may_come_as_multipart(stranger: Client, topic: Topic) -> None:
    response = stranger.post(link(topic), {"List-Unsubscribe": "One-Click"})

    assert response.status_code == 200
    assert Suppression.objects.exists()


def test_one_click_twice_is_answered_alike(stranger: Client, topic: Topic) -> None:
    stranger.post(link(topic), ONE_CLICK, content_type=FORM)

    response = stranger.post(link(topic), ONE_CLICK, content_type=FORM)

    assert response.status_code == 200
    assert Suppression.objects.count() == Consent.objects.count() == 1


@pytest.mark.parametrize(("choice", "everything"), [("topic", False), ("everything", True)])
def test_the_form_leaves_what_was_chosen(stranger: Client, topic: Topic, choice: str, everything: bool) -> None:
    response = stranger.post(link(topic), {"leave": choice}, headers={"User-Agent": "a browser"})

    assert response.status_code == 200
    assert b"You are unsubscribed" in response.content
    assert (b"Offers" in response.content) is not everything
    assert Suppression.objects.get().topic == (None if everything else topic)
    line = Consent.objects.get()
    assert (line.source, line.ip, line.user_agent) == ("unsubscribe page", "127.0.0.1", "a browser")


@pytest.mark.parametrize(
    "body", ["", "leave=", "leave=the+country", "List-Unsubscribe=Perhaps", "\x00=\x00", "leave=%ff", "a" * 10_000]
)
def test_a_post_that_does_not_say_what_it_wants_changes_nothing(stranger: Client, topic: Topic, body: str) -> None:
    response = stranger.post(link(topic), body, content_type=FORM)

    assert response.status_code == 400
    assert b'value="topic"' in response.content
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\xff\xfe\x00", FORM),
        (b"--x", "multipart/form-data"),
        (b"--x", "multipart/form-data; boundary=y"),
        (b"leave=topic", "application/x-www-form-urlencoded; charset=utf-7"),
        (b'{"leave": "topic"}', "application/json"),
        ("&".join(f"f{n}=" for n in range(2_000)).encode(), FORM),
    ],
)
def test_a_garbled_post_is_the_callers_fault(stranger: Client, topic: Topic, body: bytes, content_type: str) -> None:
    response = stranger.post(link(topic), body, content_type=content_type)

    assert response.status_code == 400
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("method", ["get", "head", "post"])
@pytest.mark.parametrize(
    "path", ["/u/garbage/", "/u/%00/", "/u/%ff%fe/", "/u/./", "/u/%F0%9F%92%A9.x/", "/u/" + "a" * 50_000 + "/"]
)
def test_a_bad_link_is_a_page_that_says_so(stranger: Client, path: str, method: str) -> None:
    response = getattr(stranger, method)(path)

    assert response.status_code == 404
    if method != "head":
        assert b"This link does not work" in response.content


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(stranger: Client, topic: Topic, method: str) -> None:
    assert getattr(stranger, method)(link(topic)).status_code == 405


@pytest.mark.parametrize(
    ("peer", "kept"),
    [("", None), ("unix:", None), ("not an ip", None), ("2001:db8::7", "2001:db8::7"), ("fe80::1%eth0", "fe80::1")],
)
def test_the_ledger_keeps_the_peers_ip_if_it_has_one(
    stranger: Client, topic: Topic, peer: str, kept: str | None
) -> None:
    stranger.post(link(topic), ONE_CLICK, content_type=FORM, REMOTE_ADDR=peer)

    assert Consent.objects.get().ip == kept


def test_an_endless_or_odd_user_agent_is_cut_to_what_can_be_stored(stranger: Client, topic: Topic) -> None:
    stranger.post(link(topic), ONE_CLICK, content_type=FORM, headers={"User-Agent": "\x00é" * 5_000})

    assert Consent.objects.get().user_agent == "é" * 500


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_answer_is_kept_nowhere_and_sets_no_cookie(stranger: Client, topic: Topic, method: str) -> None:
    response = getattr(stranger, method)(link(topic), {"leave": "topic"})

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_the_page_needs_neither_script_nor_anything_from_elsewhere(stranger: Client, topic: Topic) -> None:
    page = stranger.get(link(topic)).content.decode()

    assert "<script" not in page
    assert "src=" not in page
    assert set(re.findall('href="([^"]*)"', page)) == {"preferences/?lang=en", *(f"?lang={code}" for code in WORDS)}
    assert '<html lang="en">' in page


def test_french_marks_never_stand_alone_on_a_line() -> None:
    assert not [text for text in WORDS["fr"] if re.search(r"« | [»?:;!]", text)]
