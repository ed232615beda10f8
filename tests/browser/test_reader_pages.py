"""What a reader does with the links of a mail, with and without JavaScript: leave, choose, confirm."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Page, expect, sync_playwright

from suppression.brand import Brand
from suppression.models import Consent
from suppression.policy import Addressee, check_many
from suppression.tokens import make_confirmation, make_token
from tests.factories import make_topic
from tests.suppression.factories import ANA

pytestmark = pytest.mark.django_db(transaction=True)
MAIL = UUID(int=7)


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def reader(request, chromium_path: str, live_server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A browser that was never here. Whatever it loads from elsewhere, or cannot load, fails the test."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # As in conftest.
    asked: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        page = browser.new_context(
            base_url=live_server.url,
            java_script_enabled=request.param,
            locale="de-DE",
            viewport={"width": 360, "height": 800},
        ).new_page()
        page.set_default_timeout(15_000)
        page.on("request", lambda one: asked.append(one.url))
        page.on("console", lambda one: complaints.append(one.text))
        yield page
        browser.close()
        connections.close_all()  # As in conftest.
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
    assert complaints == []


def receives(topic) -> bool:
    [verdict] = check_many([Addressee(ANA, topic.pk)], at=timezone.now())
    return verdict.allowed


def test_a_reader_leaves_a_topic_and_comes_back_to_it_by_keyboard(reader: Page):
    Brand.objects.create(name="Harbour Coffee", accent="#7a3e00")
    offers, tips = make_topic(key="offers", name="Offers"), make_topic(key="tips", name="Tips")
    offers.translations.create(language="de", name="Angebote", description="Was es gerade günstiger gibt.")

    reader.goto(f"/u/{make_token(address_hash=ANA, topic_id=offers.pk, message_id=MAIL)}/")
    reader.get_by_role("button", name="„Angebote“ beenden").click()
    expect(reader.get_by_role("status")).to_contain_text("keine E-Mails mehr zu „Angebote“")
    left = [receives(offers), receives(tips)]

    reader.get_by_role("link", name="Auswählen, was Sie erhalten").click()
    box = reader.get_by_role("checkbox", name="Angebote")
    expect(box).not_to_be_checked()
    box.focus()
    reader.keyboard.press("Space")
    reader.get_by_role("checkbox", name="Tips").uncheck()
    reader.get_by_role("button", name="Speichern").press("Enter")

    expect(reader.get_by_role("status")).to_contain_text("gespeichert")
    expect(reader.get_by_role("checkbox", name="Angebote")).to_be_checked()
    assert left == [False, True]
    assert [receives(offers), receives(tips)] == [True, False]


def test_a_reader_confirms_in_a_language_of_choice(reader: Page):
    topic = make_topic(name="Offers", requires_opt_in=True)

    reader.goto(f"/u/{make_confirmation(address_hash=ANA, topic_id=topic.pk, message_id=MAIL)}/confirm/")
    reader.get_by_role("link", name="Français").click()
    expect(reader.get_by_role("heading", name="Merci de confirmer")).to_be_visible()
    assert not Consent.objects.exists()
    reader.get_by_role("button", name="Oui, je confirme").click()

    expect(reader.get_by_role("status")).to_contain_text("Nous pouvons désormais vous écrire")
    assert receives(topic)


def test_a_page_fits_a_small_screen_and_each_box_has_its_label(reader: Page):
    for number in range(3):
        make_topic(name=f"A topic with quite a long name, number {number}", description="And a description. " * 5)

    reader.goto(f"/u/{make_token(address_hash=ANA, topic_id=None, message_id=MAIL)}/preferences/")

    for box in reader.get_by_role("checkbox").all():
        size = box.bounding_box()
        assert size
        assert min(size["width"], size["height"]) >= 24  # WCAG 2.2, 2.5.8.
    boxes = reader.get_by_role("checkbox", name="A topic with quite a long name").count()
    body = reader.locator("body").bounding_box()
    assert boxes == 3
    assert body
    assert body["width"] <= 360
