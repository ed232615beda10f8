"""Who may not see personal data finds none in the whole admin; and what a person may ask of us."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from automation.admin.personal import PersonalAdmin
from automation.enrollments.models import StepRun
from automation.models import Attempt, Contact, Engagement, Enrollment, Event, EventType, HookCall, Message, Segment
from suppression.models import Consent, Suppression
from tests import factories
from tests.automation.admin.pages import press, run, said, url
from tests.automation.admin.test_every_page import MAKE, MODELS, every_model
from tests.suppression.factories import make_suppression
from webhooks.models import InboxEvent

pytestmark = pytest.mark.django_db

CANARY = "canary"
ADDRESS = f"{CANARY}@example.com"


@pytest.fixture
def viewer(client: Client) -> Client:
    """May see and change everything, but nothing personal."""
    return log_in(client, Permission.objects.exclude(codename__in=["view_personal", "erase_contact"]))


def log_in(client: Client, permissions: Any) -> Client:
    user = User.objects.create(username="viewer", is_staff=True)
    user.user_permissions.set(permissions)
    client.force_login(user)
    return client


@pytest.fixture
def person() -> Contact:
    """Whose every value is CANARY."""
    contact = factories.make_contact(external_id="c-1", email=ADDRESS, attributes={"plan": CANARY})
    trace = {"field": "contact.attributes.plan", "op": "eq", "value": "x", "seen": CANARY, "result": False}
    flow = factories.make_live_flow()
    EventType.objects.update(pii_paths=["customer"])
    decision = {"flow": flow.pk, "version": 1, "verdict": "rule_false", "entry_key": CANARY, "seen": trace}
    told = {"payload": {"customer": {"name": CANARY}, "total": 5}, "metadata": {"ip": CANARY}}
    made: dict[str, Any] = {"status": "set_aside", "failure": f"ValueError: {CANARY}"}
    event = factories.make_event(flow.trigger, contact, decisions=[decision], **told, **made)
    entered: dict[str, Any] = {"flow": flow, "flow_version": flow.versions.get(), "event": event, "entry_key": CANARY}
    enrollment = factories.make_enrollment(contact=contact, **entered, **made)
    results: list[dict[str, Any]] = [{"trace": trace}, {"seen": CANARY, "on": "contact.attributes.plan"}]
    for visit, result in enumerate(results, start=1):
        StepRun.objects.create(enrollment=enrollment, step_key="a", visit=visit, result={"kind": "branch", **result})
    call = {"contact": contact, "flow": flow, "enrollment": enrollment, "url": "https://example.com/"}
    HookCall.objects.create(dedupe_key="a", body=f'"{CANARY}"', **call, **made)
    for status in ("sent", "failed", "uncertain"):
        make_message(contact, enrollment, status)
    suppressed = make_suppression(address=ADDRESS, note=CANARY)
    Suppression.objects.filter(pk=suppressed.pk).update(address=ADDRESS, evidence={"said": CANARY})
    Consent.objects.create(
        topic=factories.make_topic(),
        address_hash=b"0" * 32,
        decision="granted",
        source="page",
        at=timezone.now(),
        user_agent=CANARY,
        proof=CANARY,
    )
    raw = {"content_type": "application/json", "headers": {"To": CANARY}, "body": CANARY.encode()}
    InboxEvent.objects.create(account=factories.make_account(), dedupe_key=b"0" * 32, **raw, **made)
    return contact


def make_message(contact: Contact, enrollment: Enrollment, status: str) -> None:
    message = factories.make_message(
        contact=contact,
        enrollment=enrollment,
        flow_version=enrollment.flow_version,
        to_email=ADDRESS,
        values={"name": CANARY},
        status=status,
        reason=f"rejected: no such user {ADDRESS}",
        uncertain_at=timezone.now() if status == "uncertain" else None,
    )
    at = timezone.now()
    attempt = {"number": 1, "account": message.account, "outcome": "rejected", "began_at": at, "ended_at": at}
    Attempt.objects.create(message=message, detail=CANARY, **attempt)
    click = {"is_click": True, "at": at, "url": f"https://example.com/?{CANARY}", "agent": CANARY, "flagged": False}
    Engagement.objects.create(id=message.pk, message=message, signs=[], **click)


def pages_of(client: Client, model: type[Model]) -> dict[str, str]:
    """All that the admin shows of a model: its list, its dead letters, and each row's page and history."""
    lists = [url(model, "changelist"), *(f"{url(model, 'changelist')}?status__exact={s}" for s in STATUSES)]
    rows = [url(model, page, pk) for pk in model._default_manager.values_list("pk", flat=True)[:5] for page in PAGES]
    return {address: client.get(address, follow=True).content.decode() for address in [*lists, *rows]}


STATUSES = ("failed", "uncertain", "set_aside")
PAGES = ("change", "history")


@every_model
def test_no_page_shows_personal_data_to_those_who_may_not_see_it(
    model: type[Model], person: Contact, viewer: Client
) -> None:
    if not model._default_manager.exists():
        MAKE[model]()

    pages = pages_of(viewer, model)

    assert [address for address, page in pages.items() if CANARY in page] == []


PERSONAL = [model for model in MODELS if isinstance(admin.site._registry[model], PersonalAdmin)]


@pytest.mark.parametrize("model", PERSONAL, ids=lambda model: model._meta.label)
def test_a_superuser_sees_it(model: type[Model], person: Contact, admin_client: Client) -> None:
    assert any(CANARY in page for page in pages_of(admin_client, model).values())


def test_why_shows_a_viewer_what_was_decided_and_not_what_was_seen(
    person: Contact, viewer: Client, admin_client: Client
) -> None:
    address = reverse("admin:automation_contact_why", args=[person.pk])
    flow = Enrollment.objects.get().flow

    to_viewer, to_root = (one.get(address, {"flow": flow.pk}).content.decode() for one in (viewer, admin_client))

    assert CANARY not in to_viewer
    assert "the entry rule says no" in to_viewer
    assert CANARY in to_root


def test_a_segment_tells_a_viewer_who_is_in_it_and_not_what_was_seen(
    person: Contact, viewer: Client, admin_client: Client
) -> None:
    segment = factories.make_segment({"field": "contact.attributes.plan", "op": "eq", "value": "pro"})
    address = f"{url(Segment, 'change', segment.pk)}?contact={person.pk}"

    to_viewer, to_root = (one.get(address).content.decode() for one in (viewer, admin_client))

    assert "Why c-1 is not in it" in to_viewer
    assert CANARY not in to_viewer
    assert CANARY in to_root


@pytest.mark.parametrize(
    ("status", "action"),
    [("failed", "send_selected_again"), ("uncertain", "they_arrived"), ("uncertain", "they_did_not_arrive")],
)
def test_questions_about_messages_name_no_address(status: str, action: str, person: Contact, viewer: Client) -> None:
    message = Message.objects.get(status=status)

    page = run(viewer, Message, action, message).content.decode()

    assert str(message) in page
    assert CANARY not in page


def test_a_viewer_sees_no_mail_and_downloads_no_addresses(person: Contact, viewer: Client) -> None:
    message = Message.objects.filter(status="sent").get()

    assert viewer.get(url(Message, "see_the_mail", message.pk)).status_code == 403
    assert viewer.get(reverse("admin:suppression_suppression_download")).status_code == 403


def test_a_viewer_finds_a_contact_by_a_whole_address_only(person: Contact, viewer: Client) -> None:
    def found(typed: str) -> bool:
        return "c-1" in viewer.get(url(Contact, "changelist"), {"q": typed}).content.decode()

    assert found(ADDRESS)
    assert found("c-")
    assert not found(ADDRESS[:-1])


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        (Contact, "email__startswith"),
        (Contact, "attributes__plan"),
        (Message, "to_email__startswith"),
        (Message, "values__name"),
        (Message, "reason__contains"),
        (Event, "payload__customer__name"),
        (Enrollment, "entry_key"),
        (HookCall, "body__contains"),
        (Suppression, "address__startswith"),
    ],
)
def test_a_viewer_cannot_guess_by_narrowing_a_list(
    model: type[Model], lookup: str, person: Contact, viewer: Client
) -> None:
    assert viewer.get(url(model, "changelist"), {lookup: CANARY}).status_code == 400


def test_what_one_may_not_see_one_cannot_overwrite(person: Contact, viewer: Client) -> None:
    response = viewer.post(url(Contact, "change", person.pk), {"language": "de", "time_zone": "", "region": ""})

    person.refresh_from_db()
    assert response.status_code == 403
    assert (person.email, person.attributes) == (ADDRESS, {"plan": CANARY})
    assert viewer.get(url(Contact, "add")).status_code == 403


@pytest.fixture
def officer(client: Client) -> Client:
    return log_in(client, Permission.objects.filter(codename__in=["view_contact", "erase_contact"]))


def test_an_officer_downloads_all_that_is_known(person: Contact, officer: Client) -> None:
    response: Any = officer.get(url(Contact, "export", person.pk))

    assert json.loads(b"".join(response.streaming_content))["contact"]["email"] == ADDRESS
    assert response["Content-Disposition"] == f'attachment; filename="contact-{person.pk}.json"'


def test_an_officer_forgets_somebody_by_typing_their_id(person: Contact, officer: Client) -> None:
    officer.get(url(Contact, "export", person.pk))

    response = press(officer, person, "forget", external_id="c-1")

    person.refresh_from_db()
    assert (person.email, person.external_id == "c-1", said(response)) == ("", False, ["Forgotten."])
    entries = LogEntry.objects.filter(object_id=str(person.pk))
    assert sorted(one.change_message for one in entries) == ["", "Forgotten."]
    assert not any("c-1" in one.object_repr or CANARY in one.object_repr for one in entries)


def test_nothing_is_written_about_who_was_forgotten(person: Contact, admin_client: Client) -> None:
    press(admin_client, person, "forget", external_id="c-1")

    response = admin_client.post(url(Contact, "change", person.pk), {"email": ADDRESS})

    person.refresh_from_db()
    assert (response.status_code, person.email) == (403, "")
    assert admin_client.get(url(Contact, "change", person.pk)).status_code == 200


@pytest.mark.parametrize("typed", ["c-2", "", "c-"])
def test_nobody_is_forgotten_by_another_id(typed: str, person: Contact, officer: Client) -> None:
    factories.make_contact(external_id="c-2")

    page = press(officer, person, "forget", external_id=typed)

    assert page.status_code == 200
    assert not Contact.objects.exclude(erased_at=None).exists()


@pytest.mark.parametrize("act", [lambda c, p: c.get(url(Contact, "export", p.pk)), lambda c, p: press(c, p, "forget")])
def test_without_the_permission_nobody_exports_or_forgets(
    act: Callable[[Client, Contact], Any], person: Contact, viewer: Client
) -> None:
    assert act(viewer, person).status_code == 403
    assert "forget" not in viewer.get(url(Contact, "change", person.pk)).content.decode()
