"""The smallest valid row of each kind. What a test is about, it says itself."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from automation.core.ids import new_id
from automation.core.lanes import Lane
from automation.enrollments.models import Enrollment
from automation.flows.publish import publish
from automation.flows.triggers import TriggerKind
from automation.models import (
    Contact,
    EspAccount,
    Event,
    EventType,
    Flow,
    FlowVersion,
    FrequencyCap,
    Holdout,
    Message,
    Segment,
    SenderIdentity,
    Step,
    WarmupPlan,
)
from automation.segments.revise import revise
from suppression.models import Topic
from templates_app.models import Template

_numbers = count(1)


def make_contact(**fields: Any) -> Contact:
    n = next(_numbers)
    return Contact.objects.create(**{"external_id": f"c{n}", "email": f"ana{n}@example.com", **fields})


def make_event_type(**fields: Any) -> EventType:
    return EventType.objects.create(**{"name": f"Happened{next(_numbers)}", **fields})


def make_event(event_type: EventType | None = None, contact: Contact | None = None, **fields: Any) -> Event:
    return Event.objects.create(
        **{
            "id": new_id(),
            "event_type": event_type or make_event_type(),
            "contact": contact or make_contact(),
            "occurred_at": timezone.now(),
            "content_hash": b"0" * 32,
            **fields,
        }
    )


def make_segment(rule: dict[str, Any], **fields: Any) -> Segment:
    """In force, and filled as if there were no contacts yet."""
    n = next(_numbers)
    segment = Segment.objects.create(**{"key": f"segment-{n}", "name": f"Segment {n}", "rule": rule, **fields})
    revise(segment)
    Segment.objects.filter(pk=segment.pk).update(fill_after=None)
    segment.refresh_from_db()
    return segment


def make_account(**fields: Any) -> EspAccount:
    n = next(_numbers)
    return EspAccount.objects.create(
        **{
            "key": f"account-{n}",
            "provider": "postmark",
            "settings_env": "ESP_TEST",
            "rate_limit": 100_000.0,
            "burst": 100_000,
            **fields,
        }
    )


def make_sender(account: EspAccount | None = None, **fields: Any) -> SenderIdentity:
    return SenderIdentity.objects.create(
        **{
            "key": f"sender-{next(_numbers)}",
            "name": "Shop",
            "email": "shop@example.com",
            "postal_address": "Shop Ltd, 1 High Street, Exampletown",
            "account": account or make_account(),
            **fields,
        }
    )


def make_topic(**fields: Any) -> Topic:
    n = next(_numbers)
    return Topic.objects.create(**{"key": f"topic-{n}", "name": f"Topic {n}", **fields})


def make_cap(limit: int | None = 1, **fields: Any) -> FrequencyCap:
    """One mail a week, and patience for as long."""
    week = timedelta(days=7)
    return FrequencyCap.objects.create(
        **{"name": "Not too often", "limit": limit, "period": week, "patience": week, **fields}
    )


def make_template(
    *,
    subject: str = "Hello",
    html: str = "<p>Hello</p>",
    text: str = "Hello",
    variables: list[dict[str, Any]] | None = None,
    languages: dict[str, dict[str, str]] | None = None,
    **fields: Any,
) -> Template:
    """A published template. `variables`: name, path, and if wanted missing (skip) and default."""
    n = next(_numbers)
    template = Template.objects.create(**{"key": f"template-{n}", "name": f"Template {n}", **fields})
    parts = {"subject": subject, "preheader": "", "html": html, "text": text}
    template.live_version = template.versions.create(
        number=1,
        content={"": parts, **{key: {**parts, **changed} for key, changed in (languages or {}).items()}},
        variables=[{"missing": "skip", "default": None, **variable} for variable in variables or []],
        source={},
        content_hash=str(n),
    )
    template.save()
    return template


def make_flow(*steps: dict[str, Any], **fields: Any) -> Flow:
    """A draft. Each step is given by its fields; without any, it is one send step."""
    n = next(_numbers)
    flow = Flow.objects.create(
        **{
            "key": f"flow-{n}",
            "name": f"Flow {n}",
            "trigger": fields.pop("trigger", None) or _event_of(fields.get("trigger_kind")),
            "topic": None if fields.get("lane") == Lane.TRANSACTIONAL else fields.pop("topic", None) or make_topic(),
            "sender": fields.pop("sender", None) or make_sender(),
            **fields,
        }
    )
    for position, step in enumerate(steps or [send()]):
        Step.objects.create(flow=flow, position=position, **{"key": f"step-{position}", **step})
    return flow


def _event_of(kind: str | None) -> EventType | None:
    return None if kind == TriggerKind.SCHEDULE else make_event_type()


def make_live_flow(*steps: dict[str, Any], **fields: Any) -> Flow:
    flow = make_flow(*steps, **fields)
    publish(flow=flow)
    flow.refresh_from_db()
    return flow


def send(template: Template | None = None, **fields: Any) -> dict[str, Any]:
    return {"kind": "send", "template": template or make_template(), **fields}


def wait(**duration: float) -> dict[str, Any]:
    return {"kind": "wait", "wait_for": timedelta(**duration)}


def make_enrollment(flow: Flow | None = None, contact: Contact | None = None, **fields: Any) -> Enrollment:
    flow = flow or make_live_flow()
    contact = contact or make_contact()
    version = fields.pop("flow_version", None) or flow.live_version
    assert version is not None
    return Enrollment.objects.create(
        **{
            "contact": contact,
            "flow": flow,
            "flow_version": version,
            "event": make_event(flow.trigger, contact, status=Event.Status.DECIDED),
            "entry_key": "",
            "step_key": version.definition["start"],
            "due_at": timezone.now(),
            **fields,
        }
    )


def make_holdout(flow: Flow | None = None, contact: Contact | None = None, **fields: Any) -> Holdout:
    flow = flow or make_live_flow(holdout_percent=10.0)
    return Holdout.objects.create(
        **{
            "contact": contact or make_contact(),
            "flow": flow,
            "flow_version": flow.live_version,
            "entry_key": "",
            "scope": Holdout.Scope.FLOW,
            **fields,
        }
    )


def make_message(
    *,
    to_email: str | None = None,
    account: EspAccount | None = None,
    template: Template | None = None,
    flow_version: FlowVersion | None = None,
    **fields: Any,
) -> Message:
    """A queued message, due now: transactional unless a topic is given."""
    n = next(_numbers)
    account = account or make_account()
    template = template or make_template()
    topic = fields.get("topic")
    return Message.objects.create(
        **{
            "dedupe_key": f"message-{n}",
            "template_version": template.live_version,
            "flow_version": flow_version,
            "to_email": to_email if to_email is not None else f"ana{n}@example.com",
            "sender": fields.pop("sender", None) or make_sender(account),
            "lane": Lane.TRIGGERED if topic else Lane.TRANSACTIONAL,
            "account": account,
            **fields,
        }
    )


def make_plan(*days: tuple[int, int], **fields: Any) -> WarmupPlan:
    """A running warm-up plan for example.com. Each day by its hourly and daily cap; without any, 20 and 480."""
    plan = WarmupPlan.objects.create(
        **{"account": fields.pop("account", None) or make_account(), "domain": "example.com", **fields}
    )
    for number, (hourly, daily) in enumerate(days or [(20, 480)], 1):
        plan.days.create(day=number, hourly=hourly, daily=daily)
    return plan
