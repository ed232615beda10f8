"""Why, and why not: what was looked at for one contact and one flow, as a page."""

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from automation.admin import words
from automation.admin.personal import sees_personal
from automation.admin.rule_view import rule_view
from automation.admin.tables import Table, label, link_to, when
from automation.contacts.models import Contact
from automation.core import mask
from automation.delivery.models import Message
from automation.enrollments.models import Enrollment
from automation.enrollments.why import About, Check, why
from automation.events.models import Event
from automation.flows.models import Flow

_ABOUT: dict[About, str] = {
    About.FLOW: "Is the flow live?",
    About.TRIGGER: "Has it been triggered?",
    About.ENTRY: "Entered on this event?",
    About.HOLDOUT: "Held out?",
    About.ENROLLMENT: "On its way",
    About.STEP: "Latest step",
    About.MESSAGE: "Mail",
    About.ADDRESS: "May it be mailed today?",
}
_MODELS = {About.ENTRY: Event, About.ENROLLMENT: Enrollment, About.STEP: Enrollment, About.MESSAGE: Message}
_SAID: dict[str, str] = {
    **words.VERDICTS,
    "not_triggered": "no: no such event of this contact is known",
    "waiting": "the event waits to be decided on",
    "set_aside": "the event was set aside",
    "did_not_listen": "no: the flow did not listen when the event was decided on",
    "held_out_flow": "yes: of this flow, for comparison",
    "held_out_all": "yes: of all marketing, for comparison",
    "allowed": "yes",
}
# What of the values seen is worth showing, in words.
_NAMES: dict[str, str] = {
    "event_type": "it listens to",
    "paused_by": "paused by",
    "reason": "since",
    "step": "at the step",
    "due_at": "goes on at",
    "until": "waits until",
    "next": "then",
    "failure": "failed:",
    "again_at": "may enter again from",
    "path": "has no value:",
    "why": "since it is",
    "not_by": "the contact's region is not to be mailed by",
}


def why_page(request: HttpRequest, contact_id: int) -> HttpResponse:
    """`?flow=` is a flow's id. Without one, the page asks for it."""
    contact = Contact.objects.filter(pk=contact_id).first()
    if contact is None:
        raise Http404
    flows = list(Flow.objects.select_related("live_version__trigger", "sender__account").order_by("name"))
    flow = next((one for one in flows if str(one.pk) == request.GET.get("flow")), None)
    context = {
        **admin.site.each_context(request),
        "opts": Contact._meta,
        "title": f"Why, or why not: {contact}",
        "contact_url": reverse("admin:automation_contact_change", args=[contact.pk]),
        "flows": flows,
        "flow": flow,
        "tables": [_table(request, contact, flow)] if flow else [],
    }
    return TemplateResponse(request, "admin/automation/contact/why.html", context)


def _table(request: HttpRequest, contact: Contact, flow: Flow) -> Table:
    rows = [
        [_ABOUT[check.about], label("good" if check.good else "stops it", "success" if check.good else "danger"),
         _said(check), _seen(_shown(request, check)), when(check.at) if check.at else "-"]
        for check in why(contact, flow, at=timezone.now())
    ]  # fmt: skip
    return Table(f"{flow}", ["Asked", "", "Answer", "Because of", "When"], rows, empty="")


def _shown(request: HttpRequest, check: Check) -> Check:
    """Of the flow itself all, of mails the code of the reason; of all else what is not personal."""
    if sees_personal(request) or check.about is About.FLOW:
        return check
    if check.about is About.MESSAGE:
        return check._replace(seen={**check.seen, "reason": check.seen["reason"].partition(":")[0]})
    return check._replace(seen=mask.seen(check.seen, None))


def _said(check: Check) -> object:
    text = _SAID.get(check.said) or words.REASONS.get(check.said) or check.said.replace("_", " ")
    model = _MODELS.get(check.about)
    return link_to(model, check.id, text) if model and check.id else text


def _seen(check: Check) -> SafeString | str:
    """The values behind it; a rule's trace as everywhere."""
    seen = check.seen
    trace = seen.get("trace", seen)
    if "result" in trace:
        return rule_view(trace)
    if check.about is About.MESSAGE:
        return words.reason(seen["reason"]) if seen["reason"] else "-"
    told = (f"{_NAMES[name]} {_spelled(value)}" for name, value in seen.items() if name in _NAMES and value)
    return ", ".join(told) or "-"


def _spelled(value: object) -> str:
    """An instant as a person writes it."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"{text[:16].replace('T', ' ')} UTC" if text[10:11] == "T" else text
