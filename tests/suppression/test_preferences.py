"""The preference and confirmation pages, as a browser without scripts or cookies has them."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from suppression.brand import Brand, on
from suppression.confirm import may_ask
from suppression.ledger import Proof
from suppression.models import Consent, Reason, Rekeyed, Suppression, Topic
from suppression.policy import Addressee, check_many
from suppression.tokens import make_confirmation, make_token
from suppression.wording import Wording
from suppression.words import LANGUAGES, WORDS, choose
from tests.suppression.factories import ANA, BEN, MESSAGE_ID, make_consent, make_suppression, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger() -> Client:
    """A browser that was never here: no cookies, and CSRF checks on."""
    return Client(enforce_csrf_checks=True)


def link(topic: Topic | None = None, page: str = "preferences") -> str:
    make: Any = make_confirmation if page == "confirm" else make_token
    token = make(address_hash=ANA, topic_id=topic.pk if topic else None, message_id=MESSAGE_ID)
    return reverse(f"suppression:{page}", args=[token])


def receives(*topics: Topic) -> list[bool]:
    return [one.allowed for one in check_many([Addressee(ANA, topic.pk) for topic in topics], at=timezone.now())]


def boxes(response) -> dict[str, str]:
    """By topic, what its box says of itself."""
    found = re.findall(r'<input type="checkbox" name="topic" value="([^"]+)"([^>]*)>', response.content.decode())
    return {key: " ".join(attributes.split()) for key, attributes in found}


def test_looking_changes_nothing_and_shows_how_things_stand(stranger: Client) -> None:
    on_, off, asks = make_topic(key="on"), make_topic(key="off"), make_topic(key="asks", requires_opt_in=True)
    make_topic(key="hidden", is_public=False)
    make_suppression(topic_id=off.pk)

    response = stranger.get(link(on_))

    assert boxes(response) == {"on": "checked", "off": "", "asks": ""}
    assert Suppression.objects.count() == 1
    assert not Consent.objects.exists()
    assert receives(on_, off, asks) == [True, False, False]


def test_saving_agrees_to_what_is_ticked_and_leaves_the_rest_with_a_line_for_each(stranger: Client) -> None:
    yes, no, hidden = make_topic(key="yes", requires_opt_in=True), make_topic(), make_topic(is_public=False)

    response = stranger.post(link(), {"save": "yes", "topic": "yes"}, headers={"User-Agent": "a browser"})

    assert b"Your choice is saved." in response.content
    assert receives(yes, no, hidden) == [True, False, True]
    assert set(Consent.objects.values_list("topic", "decision")) == {(yes.pk, "granted"), (no.pk, "withdrawn")}
    grant = Consent.objects.get(decision="granted")
    assert (grant.source, grant.user_agent, grant.proof) == (
        "preference page",
        "a browser",
        {"message_id": str(MESSAGE_ID)},
    )
    assert Wording.objects.get(version=grant.wording_version).text == f"Yes, email me about “{yes.name}”."


def test_saving_twice_adds_no_line(stranger: Client) -> None:
    make_topic(key="yes"), make_topic()

    for _ in range(2):
        stranger.post(link(), {"save": "yes", "topic": "yes"})

    assert Consent.objects.count() == 2


def test_an_unknown_or_hidden_topic_cannot_be_agreed_to(stranger: Client) -> None:
    make_topic(key="hidden", is_public=False, requires_opt_in=True)

    stranger.post(link(), {"save": "yes", "topic": ["hidden", "nonsense"]})

    assert not Consent.objects.exists()


def test_a_post_that_does_not_save_changes_nothing(stranger: Client) -> None:
    make_topic()

    assert stranger.post(link(), {"topic": "x"}).status_code == 400
    assert not Consent.objects.exists()


def test_what_others_have_told_of_an_address_cannot_be_ticked_away(stranger: Client) -> None:
    topic = make_topic(key="news")
    make_suppression(reason=Reason.HARD_BOUNCE)

    assert boxes(stranger.get(link())) == {"news": "disabled"}
    stranger.post(link(), {"save": "yes", "topic": "news"})

    assert receives(topic) == [False]


def test_a_link_from_before_a_rekeying_finds_what_has_moved(stranger: Client) -> None:
    topic = make_topic(key="news")
    make_suppression(address_hash=BEN, topic_id=topic.pk)
    Rekeyed.objects.create(old_hash=ANA, address_hash=BEN)

    assert boxes(stranger.get(link())) == {"news": ""}
    stranger.post(link(), {"save": "yes", "topic": "news"})

    assert not Suppression.objects.exists()
    assert bytes(Consent.objects.get().address_hash) == BEN


def test_global_privacy_control_is_heeded_by_every_act_and_by_no_look(stranger: Client) -> None:
    shared, private = make_topic(key="shared", is_shared=True), make_topic(key="private")
    hidden = make_topic(is_shared=True, is_public=False)
    signal = {"Sec-GPC": "1"}

    looked = stranger.get(link(), headers=signal)
    nothing_yet = receives(shared, hidden)
    stranger.post(link(), {"save": "yes", "topic": ["shared", "private"]}, headers=signal)

    assert boxes(looked) == {"private": "checked", "shared": "disabled"}
    assert b"Global Privacy Control" in looked.content
    assert nothing_yet == [True, True]
    assert receives(shared, hidden, private) == [False, False, True]
    assert all(line.proof["gpc"] for line in Consent.objects.all())


def test_unsubscribing_with_the_signal_leaves_what_is_shared_too(stranger: Client) -> None:
    left, shared, kept = make_topic(), make_topic(is_shared=True), make_topic()

    stranger.post(link(left, "unsubscribe"), {"leave": "topic"}, headers={"Sec-GPC": "1"})

    assert receives(left, shared, kept) == [False, False, True]


def test_we_say_that_we_heed_the_signal(client: Client) -> None:
    assert client.get("/.well-known/gpc.json").json()["gpc"] is True


def test_confirming_is_a_consent_whose_proof_tells_how_it_was_asked_for(stranger: Client) -> None:
    topic = make_topic(requires_opt_in=True, wording="Yes, write to me.")
    proof = Proof(source="api shop", ip="192.0.2.9")
    may_ask(address_hash=ANA, topic=topic, message_id=MESSAGE_ID, proof=proof, at=timezone.now())
    looked = stranger.get(link(topic, "confirm"))
    before = receives(topic)

    done = stranger.post(link(topic, "confirm"))
    stranger.post(link(topic, "confirm"))

    assert b"Yes, write to me." in looked.content
    assert before == [False]
    assert b"it is confirmed" in done.content
    assert receives(topic) == [True]
    line = Consent.objects.get()
    assert (line.source, line.ip) == ("confirmation page", "127.0.0.1")
    assert (line.proof["request"]["source"], line.proof["request"]["ip"]) == ("api shop", "192.0.2.9")
    assert Wording.objects.get().text == "Yes, write to me."


def test_a_confirmation_link_does_not_unsubscribe_and_an_unsubscribe_link_does_not_confirm(stranger: Client) -> None:
    topic = make_topic()

    for page, other in (("confirm", "unsubscribe"), ("unsubscribe", "confirm")):
        token = link(topic, page).split("/")[2]
        assert stranger.post(reverse(f"suppression:{other}", args=[token]), {"leave": "topic"}).status_code == 404
    assert not Consent.objects.exists()


def test_an_address_is_asked_once_a_day_whoever_wants_to_know() -> None:
    topic, at = make_topic(), timezone.now()

    def ask(after: timedelta) -> bool:
        return may_ask(address_hash=ANA, topic=topic, message_id=MESSAGE_ID, proof=Proof(source="x"), at=at + after)

    answers = [ask(timedelta(hours=hours)) for hours in (0, 1, 23.9, 24, 25)]
    assert answers == [True, False, False, True, False]


@pytest.mark.parametrize("language", sorted(WORDS))
@pytest.mark.parametrize("page", ["unsubscribe", "preferences", "confirm"])
def test_each_page_speaks_each_language_and_topics_do_where_they_can(
    stranger: Client, language: str, page: str
) -> None:
    topic = make_topic(name="Offers")
    topic.translations.create(language="de", name="Angebote", description="Was billiger ist.")

    response = stranger.get(link(topic, page), headers={"Accept-Language": f"{language}-XX, en;q=0.5"})
    switched = stranger.get(link(topic, page) + f"?lang={language}", headers={"Accept-Language": "en"})

    text = response.content.decode()
    assert f'<html lang="{language}">' in text
    assert ("Angebote" if language == "de" else "Offers") in text
    assert response.headers["Content-Language"] == switched.headers["Content-Language"] == language


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", "en"),
        ("de", "de"),
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt"),
        ("it, fr;q=0.7, de;q=0.9", "de"),
        ("fr;q=0, es", "es"),
        ("xx;q=nonsense, *", "en"),
        ("," * 10_000, "en"),
    ],
)
def test_the_browsers_favourite_of_our_languages_is_spoken(accepted: str, chosen: str) -> None:
    assert choose(accepted) == chosen


def test_every_language_fills_in_the_topic_where_english_does() -> None:
    for code, _ in LANGUAGES:
        for field, english, translated in zip(WORDS[code]._fields, WORDS["en"], WORDS[code], strict=True):
            assert english.count("{topic}") == translated.count("{topic}"), (code, field)
            assert translated, (code, field)


class _Page(HTMLParser):
    """What of a page is loaded, styled, or needs a label."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes) -> None:
        values = dict(attributes)
        self.tags.append(tag)
        if tag in ("script", "link", "iframe", "object") or (
            "src" in values and not (values["src"] or "").startswith("data:")
        ):
            self.loaded.append(tag)
        assert not any(name.startswith("on") or name == "style" for name in values)


@pytest.mark.parametrize("page", ["unsubscribe", "preferences", "confirm"])
def test_pages_load_nothing_and_need_no_script(stranger: Client, page: str) -> None:
    Brand.objects.create(name="Harbour Coffee", logo="data:image/png;base64,AAAA", accent="#804000")

    response = stranger.get(link(make_topic(), page))

    read = _Page(response.content.decode())
    assert read.loaded == []
    assert {"html", "title", "main", "h1", "nav", "button"} <= set(read.tags)
    policy = response.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert policy.startswith("default-src 'none'")
    assert nonce
    assert f'<style nonce="{nonce[1]}">' in response.content.decode()
    assert "Set-Cookie" not in response.headers


def test_the_brand_is_shown_and_escaped(stranger: Client) -> None:
    Brand.objects.create(name="<b>Coffee</b>", accent="#ffee00", privacy_url="https://example.com/privacy")

    text = stranger.get(link()).content.decode()

    assert "&lt;b&gt;Coffee" in text
    assert "--accent: #ffee00; --on-accent: #000000" in text
    assert "https://example.com/privacy" in text


@pytest.mark.parametrize("red", range(0, 256, 51))
@pytest.mark.parametrize("green", range(0, 256, 51))
@pytest.mark.parametrize("blue", range(0, 256, 51))
def test_a_button_can_be_read_on_any_colour(red: int, green: int, blue: int) -> None:
    colour = f"#{red:02x}{green:02x}{blue:02x}"

    assert contrast(colour, on(colour)) >= 4.5


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, by its own definition: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""

    def luminance(colour: str) -> float:
        parts = []
        for at in (1, 3, 5):
            channel = int(colour[at : at + 2], 16) / 255
            parts.append(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_page_costs_the_same_however_many_topics(stranger: Client, django_assert_max_num_queries) -> None:
    make_topic()
    make_consent(topic=make_topic())
    with django_assert_max_num_queries(50) as first:
        stranger.get(link())
    for _ in range(5):
        make_topic().translations.create(language="en", name="Again")

    with django_assert_max_num_queries(len(first)):
        stranger.get(link())
