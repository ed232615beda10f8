"""examples/demo.yaml: that it applies, and that its flows do what they say."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from automation.core.ids import new_id
from automation.enrollments.advance import advance_due_enrollments
from automation.enrollments.react import react_to_due_events
from automation.management.configuration.apply import apply
from automation.models import Contact, Enrollment, Event, EventType, Message
from suppression.models import Topic
from templates_app.drafts import samples_of
from templates_app.models import Template
from templates_app.preview import preview

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
DEMO = Path(__file__).parents[3] / "examples" / "demo.yaml"


@pytest.fixture(autouse=True)
def demo(monkeypatch):
    for name in ("ESP_DEMO", "ESP_DEMO_RESEND"):
        monkeypatch.setenv(name, "{}")
    return apply(file=DEMO)


def mails_after(name, payload, *, wait_over=False, contact=None):
    """Templates mailed to a contact on an event, in order."""
    contact = contact or Contact.objects.create(external_id="c1", email="ana@example.com", language="en")
    now = timezone.now()
    event_type = EventType.objects.get(name=name)
    Event.objects.create(
        id=new_id(), event_type=event_type, contact=contact, occurred_at=now, payload=payload, content_hash=b""
    )
    react_to_due_events()
    if wait_over:
        Enrollment.objects.update(due_at=now - timedelta(seconds=1))
        advance_due_enrollments()
    return list(Message.objects.order_by("id").values_list("template_version__template__key", flat=True))


def test_it_applies_without_anything_to_note_and_twice_without_a_change(demo):
    assert demo.notes == []
    assert str(apply(file=DEMO)) == f"= {len(demo.changes)} unchanged"


@pytest.mark.parametrize(("plan", "second"), [("pro", "pro-tips"), ("free", "pro-offer")])
def test_the_welcome_series_waits_and_then_looks_at_the_plan(plan, second):
    assert mails_after("UserSignedUp", {"name": "Ana", "plan": plan}, wait_over=True) == ["welcome", second]
    assert Enrollment.objects.get().status == "completed"


def test_the_welcome_mail_goes_out_at_once():
    assert mails_after("UserSignedUp", {"plan": "free"}) == ["welcome"]


@pytest.mark.parametrize(("total", "mails"), [(49.99, []), (50, ["abandoned-cart"])])
def test_a_cart_is_mailed_about_from_fifty_on(total, mails):
    assert mails_after("CartAbandoned", {"cart_id": "c-1", "total": total}) == mails


def test_each_cart_is_mailed_about_once():
    mails_after("CartAbandoned", {"cart_id": "c-1", "total": 60})
    contact = Contact.objects.get()

    mails_after("CartAbandoned", {"cart_id": "c-1", "total": 70}, contact=contact)
    assert mails_after("CartAbandoned", {"cart_id": "c-2", "total": 70}, contact=contact) == ["abandoned-cart"] * 2


def test_every_order_gets_a_transactional_receipt():
    mails_after("OrderCompleted", {"order_id": "o-1", "total": 10})

    mails_after("OrderCompleted", {"order_id": "o-1", "total": 10}, contact=Contact.objects.get())

    assert Message.objects.filter(lane="transactional", topic=None).count() == 2


def test_marketing_mails_show_how_to_leave_and_where_the_sender_lives():
    for template in Template.objects.exclude(key="order-receipt"):
        for variant in template.variants.all():
            shown = preview(template=template, language=variant.language)
            assert (shown.faults, shown.warnings) == ([], [])
            assert 'href="https://example.com/unsubscribe"' in shown.rendering.html
            assert "1 High Street" in shown.rendering.text


def test_mails_can_be_read_without_any_name_and_fetch_nothing():
    for template in Template.objects.all():
        fallback = {"name": "there"} if template.variables.filter(default="there") else {"name": ""}
        shown = preview(template=template, values=samples_of(template) | fallback)
        assert "Ana" not in shown.rendering.html
        assert "fonts.googleapis.com" not in shown.rendering.html


def test_topics_are_named_for_the_unsubscribe_page():
    assert all(topic.description for topic in Topic.objects.all())


def test_a_trial_gives_tips_and_whoever_orders_nothing_is_offered_help_by_the_clock():
    assert mails_after("TrialStarted", {"name": "Ana"}) == ["pro-tips"]
    for _ in range(2):  # Three days without an order, then the time of day.
        Enrollment.objects.update(due_at=timezone.now() - timedelta(seconds=1), rests_since=timezone.now() - WEEK)
        advance_due_enrollments()

    assert list(Message.objects.order_by("id").values_list("step_key", flat=True)) == ["send-pro-tips", "offer"]
    assert Enrollment.objects.get().status == "completed"


@pytest.mark.parametrize(
    ("total", "status", "trial", "thanks"), [(20, "completed", "bought", [20]), (120, "goal_reached", None, [])]
)
def test_an_order_ends_the_trial_with_thanks_for_it_and_a_large_one_is_its_goal(total, status, trial, thanks):
    mails_after("TrialStarted", {"name": "Ana"})
    contact = Contact.objects.get()

    mails_after("OrderCompleted", {"order_id": "o-1", "total": total}, contact=contact)

    assert Enrollment.objects.get(flow__key="pro-trial").status == status
    assert Contact.objects.get().attributes.get("trial") == trial
    assert not Message.objects.filter(step_key="offer").exists()
    assert [mail.values["total"] for mail in Message.objects.filter(step_key="send-pro-thanks")] == thanks
