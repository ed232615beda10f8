"""Applying a whole file: what becomes of the rows."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automation.models import EspAccount, EventType, Flow, FlowVersion, SenderIdentity, Step
from suppression.models import Topic
from templates_app.models import Block, Template, TemplateVersion
from tests.automation.management.conftest import SHOP
from tests.factories import make_live_flow, make_topic

pytestmark = pytest.mark.django_db


def test_everything_that_a_file_names_is_there_and_published(apply_text):
    report = apply_text(SHOP)

    flow = Flow.objects.get(key="welcome")
    template = Template.objects.get(key="hello")
    assert (flow.status, flow.live_version.number, template.live_version.number) == ("live", 1, 1)
    assert flow.live_version.topic == Topic.objects.get(key="offers")
    assert SenderIdentity.objects.get(key="shop").account == EspAccount.objects.get(key="main")
    assert set(template.live_version.content) == {"", "de"}
    assert str(report).startswith("+ event type SignedUp\n+ topic offers\n+ ESP account main\n+ sender shop\n")
    assert str(report).endswith("+ flow welcome\n    published as version 1\n= 0 unchanged")


def test_a_second_time_changes_nothing_and_makes_no_versions(apply_text):
    apply_text(SHOP)
    stamps = list(EspAccount.objects.values_list("updated_at"))

    report = apply_text(SHOP)

    assert str(report) == "= 6 unchanged"
    assert (FlowVersion.objects.count(), TemplateVersion.objects.count()) == (1, 1)
    assert list(EspAccount.objects.values_list("updated_at")) == stamps  # It would make workers open new connections.


def test_what_changes_is_told_field_by_field(apply_text):
    apply_text(SHOP)

    report = apply_text(
        SHOP.replace("topic: offers", "topic: offers\n    entry_rule: {field: event.payload.name, op: eq, value: Ana}")
        .replace("- wait: 3d", "- wait: 5d")
        .replace("<p>Hallo</p>", "<p>Guten Tag</p>")
    )

    assert str(report).splitlines() == [
        "~ template hello",
        "    variants.de.html: <p>Hallo</p> → <p>Guten Tag</p>",
        "    published as version 2",
        "~ flow welcome",
        '    entry_rule: {} → {"field": "event.payload.name", "op": "eq", "value": "Ana"}',
        "    steps.wait.wait_for: 3 days, 0:00:00 → 5 days, 0:00:00",
        "    published as version 2",
        "= 4 unchanged",
    ]


def test_a_dry_run_tells_the_same_and_changes_nothing(apply_text):
    apply_text(SHOP)
    changed = SHOP.replace("3d", "5d").replace("<p>Hello</p>", "<p>Hi</p>")

    announced = apply_text(changed, dry_run=True)

    assert Step.objects.get(kind="wait").wait_for == timedelta(days=3)
    assert (FlowVersion.objects.count(), TemplateVersion.objects.count()) == (1, 1)
    assert str(apply_text(changed)) == str(announced)


def test_parts_follow_the_file_wholly(apply_text):
    apply_text(SHOP)

    report = apply_text(
        SHOP.replace('      de: {subject: "Hallo {{ name }}", html: <p>Hallo</p>}\n', "").replace(
            "      - wait: 3d\n      - send: hello\n", "      - exit\n"
        )
    )

    flow = Flow.objects.get(key="welcome")
    assert list(flow.steps.values_list("key", flat=True)) == ["send-hello", "exit"]
    assert set(Template.objects.get(key="hello").live_version.content) == {""}
    assert "    variants.de: removed\n" in str(report)
    assert "    steps.exit: added\n" in str(report)


def test_the_order_of_steps_is_part_of_what_changes(apply_text):
    apply_text(SHOP)

    report = apply_text(
        SHOP.replace("      - send: hello\n      - wait: 3d\n", "      - wait: 3d\n      - send: hello\n")
    )

    assert "    order of steps: wait, send-hello, send-hello-2\n" in str(report)
    assert Flow.objects.get(key="welcome").live_version.definition["start"] == "wait"


def test_what_a_file_does_not_name_is_left_as_it_is(apply_text):
    other = make_live_flow()

    report = apply_text(SHOP)

    other.refresh_from_db()
    assert other.status == "live"
    [note] = report.notes
    assert note.startswith("Not in this file, and left as they are: 1 event type, 1 topic, 1 ESP account, 1 sender,")


def test_a_file_may_refer_to_what_only_the_database_has(apply_text):
    make_topic(key="news")

    apply_text(SHOP.replace("topic: offers", "topic: news"))

    assert Flow.objects.get(key="welcome").topic.key == "news"


@pytest.mark.parametrize("status", ["paused", "archived"])
def test_a_flow_that_somebody_has_stopped_stays_so(apply_text, status):
    apply_text(SHOP)
    Flow.objects.update(status=status)

    report = apply_text(SHOP.replace("3d", "5d"))

    flow = Flow.objects.get()
    assert (flow.status, flow.live_version.number) == (status, 2)
    assert report.notes == [f"Flow welcome is {status}, and stays so."]


def test_an_account_that_was_paused_stays_so(apply_text):
    apply_text(SHOP)
    EspAccount.objects.update(status="paused", paused_reason="sender not verified")

    report = apply_text(SHOP.replace("ESP_MAIN}", "ESP_MAIN, rate_limit: 50}"))

    account = EspAccount.objects.get()
    assert (account.status, account.rate_limit) == ("paused", 50)
    assert report.notes == ["ESP account main is paused, and stays so: sender not verified"]


def test_a_missing_environment_variable_is_noted_and_no_fault(apply_text, monkeypatch):
    monkeypatch.delenv("ESP_MAIN", raising=False)
    text = SHOP.replace("ESP_MAIN", "ESP_ELSEWHERE")

    report = apply_text(text)

    assert report.notes == ["ESP account “main”: the environment has no ESP_ELSEWHERE. The workers need it."]


def test_texts_may_stand_in_files_beside_the_configuration(apply_text, file):
    (file.parent / "mails").mkdir()
    (file.parent / "mails" / "hello.html").write_text("<p>Grüße</p>", encoding="utf-8")

    apply_text(SHOP.replace("html: <p>Hello</p>", "html_file: mails/hello.html"))

    assert "Grüße" in Template.objects.get().live_version.content[""]["html"]


def test_a_changed_block_publishes_the_templates_that_include_it(apply_text):
    text = SHOP.replace("<p>Hello</p>", "'<p>{% include \"foot\" %}</p>'") + "blocks: {foot: {name: Foot, source: %s}}"
    apply_text(text.replace("%s", "Old"))

    report = apply_text(text.replace("%s", "New"))

    assert Block.objects.get().source == "New"
    assert str(report).splitlines()[:4] == [
        "~ block foot",
        "    source: Old → New",
        "~ template hello",
        "    published as version 2",
    ]


def test_retry_settings_and_defaults_reach_the_account(apply_text):
    apply_text(SHOP.replace("ESP_MAIN}", "ESP_MAIN, retry: {max_attempts: 3, backoff_ms: 500}}"))
    account = EspAccount.objects.get()
    assert (account.max_attempts, account.backoff_ms, account.concurrency) == (3, 500, 8)

    apply_text(SHOP)

    account.refresh_from_db()
    assert (account.max_attempts, account.backoff_ms) == (8, 2000)


def test_a_variable_with_a_default_uses_it_and_one_without_withholds_the_mail(apply_text):
    apply_text(SHOP.replace("variables:\n", "variables:\n      plan: {path: contact.attributes.plan}\n"))

    policies = {one["name"]: one["missing"] for one in Template.objects.get().live_version.variables}
    assert policies == {"name": "default", "plan": "skip"}


def test_a_change_in_the_admin_is_taken_back_and_told(apply_text):
    apply_text(SHOP)
    Topic.objects.update(name="Changed by hand")

    report = apply_text(SHOP)

    assert "~ topic offers\n    name: Changed by hand → Offers\n" in str(report)


def test_event_types_keep_what_the_file_says_of_them(apply_text):
    apply_text(SHOP.replace("additionalProperties: false}", "additionalProperties: false}\n    pii: [name]"))

    event_type = EventType.objects.get(name="SignedUp")
    assert (event_type.pii_paths, event_type.schema["additionalProperties"]) == (["name"], False)


def test_who_enters_a_flow_meanwhile_need_not_wait(apply_text):
    with CaptureQueriesContext(connection) as queries:
        apply_text(SHOP)

    locks = [query["sql"] for query in queries if "automation_" in query["sql"] and "FOR " in query["sql"]]
    assert locks
    # FOR UPDATE would hold up the foreign keys of new enrollments and messages until the whole file is applied.
    assert all("FOR NO KEY UPDATE" in lock for lock in locks)
