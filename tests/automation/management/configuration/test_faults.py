"""What is told about a file that cannot be applied, and that nothing of it was."""

import pytest

from automation.models import EspAccount, EventType, Flow
from suppression.models import Topic
from templates_app.models import Template
from tests.automation.management.conftest import SHOP

pytestmark = pytest.mark.django_db


def test_every_fault_of_the_shape_is_told_at_once_with_its_line(faults_of):
    told = faults_of(
        """\
topics:
  offers: {nmae: Offers, requires_opt_in: maybe}
esp_accounts:
  main: {provider: pigeon, settings_env: ESP}
flows:
  welcome:
    name: 7
    trigger: SignedUp
    sender: shop
    max_event_age: 3
    steps: [{sned: hello}, {branch: {then: exit}}, {send: a, wait: 3d}, stop, exit]
extras: {}
"""
    )

    assert [one.partition(": ")[0] for one in told] == [
        "line 2, topics.offers.nmae",
        "line 2, topics.offers",
        "line 2, topics.offers.requires_opt_in",
        "line 4, esp_accounts.main.provider",
        "line 7, flows.welcome.name",
        "line 10, flows.welcome.max_event_age",
        "line 11, flows.welcome.steps[0]",
        "line 11, flows.welcome.steps[1].branch",
        "line 11, flows.welcome.steps[2]",
        "line 11, flows.welcome.steps[3]",
        "line 12, extras",
    ]
    assert "Did you mean name?" in told[0]


def test_every_fault_of_the_meaning_is_told_at_once(faults_of):
    told = faults_of(
        """\
event_types:
  email.opened: {}
  Bad: {schema: {type: objekt}}
  Odd: {schema: {properties: {a: {type: number}}, additionalProperties: false}, sample: {a: x}, pii: [b]}
esp_accounts:
  main: {provider: postmark, settings_env: ESP_MAIN, rate_limit: -1, retry: {max_attempts: 0}}
senders:
  shop: {account: nowhere, email: shop@example.com}
templates:
  hello:
    name: Hello
    variants:
      default: {subject: Hi, html: "{{ x }}"}
      German: {subject: Hi, html: <p>}
  bye:
    name: Bye
    variants: {de: {subject: Hi, html: <p>}}
flows:
  welcome: {name: Welcome, trigger: Nothing, sender: shop, steps: [send: hello, send: nothing]}
"""
    )

    assert [one.partition(": ")[0] for one in told] == [
        "line 2, event_types.email.opened",
        "line 3, event_types.Bad.schema",
        "line 4, event_types.Odd.sample.a",
        "line 4, event_types.Odd.pii[0]",
        "line 6, esp_accounts.main.rate_limit",
        "line 6, esp_accounts.main.retry.max_attempts",
        "line 8, senders.shop.account",
        "line 14, templates.hello.variants.German.language",
        "line 17, templates.bye.variants",
        "line 19, flows.welcome.trigger",
        "line 19, flows.welcome.steps[1].send",
    ]


def test_nothing_is_applied_of_a_file_with_a_fault(faults_of):
    faults_of(SHOP.replace("- wait: 3d", "- branch: {if: {}, else: nowhere}"))

    for model in (Topic, EspAccount, Template, Flow):
        assert not model.objects.exists()
    assert not EventType.objects.filter(name="SignedUp").exists()


def test_faults_that_publishing_finds_stand_at_their_step(faults_of):
    told = faults_of(SHOP.replace("- wait: 3d", "- branch: {if: {}, else: nowhere}"))

    assert told == [
        "line 27, flows.welcome.steps[1]: Say which question decides.",
        "line 27, flows.welcome.steps[1]: There is no step “nowhere” to go to.",
    ]


def test_faults_of_a_template_are_not_told_again_of_its_flow(faults_of):
    told = faults_of(SHOP.replace("<p>Hello</p>", '"{{ nobody }}"'))

    assert told == ["line 12, templates.hello: default, html, line 1: “nobody” is not declared as a variable."]


def test_two_steps_cannot_share_a_key(faults_of):
    told = faults_of(
        SHOP.replace("- wait: 3d\n      - send: hello", "- {wait: 3d, key: a}\n      - {wait: 1d, key: a}")
    )

    assert told == ["line 28, flows.welcome.steps[2].key: There is another step “a” above."]


def test_a_secret_in_place_of_a_variable_is_neither_stored_nor_repeated(faults_of):
    [told] = faults_of(SHOP.replace("ESP_MAIN", '\'{"server_token": "hunter2"}\''))

    assert "Secrets have no place in this file." in told
    assert "hunter2" not in told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "mail.html cannot be read: No such file or directory."),
        (b"\xff\xfe", "mail.html is not a text in UTF-8."),
        (b"<p>\x00</p>", "mail.html holds a character that cannot be stored."),
    ],
)
def test_a_file_that_cannot_be_used_is_a_fault(faults_of, file, content, told):
    if content is not None:
        (file.parent / "mail.html").write_bytes(content)

    assert told in faults_of(SHOP.replace("html: <p>Hello</p>", "html_file: mail.html"))[0]


def test_a_text_cannot_stand_in_two_places(faults_of):
    [told] = faults_of(SHOP.replace("html: <p>Hello</p>", "html: <p>Hello</p>, html_file: mail.html"))

    assert told.endswith("html_file: There is also html. Leave one of them out.")


@pytest.mark.parametrize("text", ["", "# nothing", "null", "[]", "just words", "topics:"])
def test_what_is_no_configuration_is_refused(faults_of, text):
    assert len(faults_of(text)) == 1
