"""A flow's draft simulated for one contact, as a timeline."""

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from unfold.decorators import action

from automation.admin import words
from automation.admin.base import PageAdmin
from automation.admin.personal import sees_personal
from automation.admin.rule_view import rule_view
from automation.admin.simulate_form import SimulateForm
from automation.contacts.models import Contact
from automation.enrollments.simulate import About, Told, simulate
from automation.enrollments.simulation.entry import DOES_NOT_LISTEN, NO_TURN
from automation.flows.models import Flow
from automation.flows.steps import KINDS

_ABOUT: dict[About, str] = {
    About.FAULT: "Not ready",
    About.ENTRY: "Who enters",
    About.ADDRESS: "May it be mailed today?",
    About.STEP: "Step",
    About.UNHEARD: "Waits on",
    About.MAIL: "Mail",
    About.END: "End",
}
_SAID: dict[str, str] = {
    **words.VERDICTS,
    DOES_NOT_LISTEN: "not entered: the flow does not listen to this event",
    NO_TURN: "not entered: the schedule does not come round for this contact any more",
    "allowed": "yes",
    "unheard": "the sample of what it waits for is not as the step wants it",
    "mail": "would go out",
    "end": "the walk ends here",
    "goal_reached": "ends: the goal is reached",
    "exited": "ends: there is a reason to stop",
    "and_so_on": "and so on: it goes round and round",
}
_UNTOLD = {"kind", "next", "until", "trace"}  # Said otherwise, or of no use to people.


class Line(NamedTuple):
    about: str
    text: str
    told: Told
    because: SafeString | str

    @property
    def local(self) -> str:
        return _local(self.told.at, self.told.zone)

    @property
    def until(self) -> str:
        return _local(self.told.until, self.told.zone) if self.told.until else ""

    @property
    def later(self) -> str:
        mail = self.told.mail
        return _local(mail.later.until, self.told.zone) if mail and mail.later else ""

    @property
    def trouble(self) -> str:
        return words.reason(self.told.mail.trouble) if self.told.mail else ""


class SimulatingAdmin(PageAdmin):
    """Adds the button and its page."""

    @action(description="Simulate", icon="science", url_path="simulate", permissions=["view"])
    def simulate(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Asked by POST, so that nothing personal stands in an address; but nothing is written."""
        flow = Flow.objects.select_related("trigger", "sender").get(pk=self.find(request, object_id).pk)
        may_see_people = sees_personal(request) and request.user.has_perm("automation.view_contact")
        form = SimulateForm(request.POST or None, flow=flow, of_people=may_see_people)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Simulate “{flow}”",
            "flow": flow,
            "form": form,
            "lines": _lines(flow, form) if form.is_valid() else [],
        }
        return TemplateResponse(request, "admin/automation/flow/simulate.html", context)


def _lines(flow: Flow, form: SimulateForm) -> list[Line]:
    contact: Contact = form.contact
    told = simulate(
        flow,
        contact=contact,
        event=form.event,
        at=form.at,
        happens=form.cleaned_data.get("happens", ()),
        even_if_refused=form.cleaned_data["even_if_refused"],
    )
    return [Line(_about(one), _text(one), one, _because(one)) for one in told]


def _about(told: Told) -> str:
    return f"{_ABOUT[told.about]} “{told.step_key}”" if told.step_key else _ABOUT[told.about]


def _text(told: Told) -> str:
    if told.about is About.STEP and told.said in KINDS:
        return KINDS[told.said].label
    if told.about is About.MAIL and not told.good:
        return "would be withheld"
    return _SAID.get(told.said) or words.reason(told.said)


def _because(told: Told) -> SafeString | str:
    """The values behind it; a rule's trace as everywhere."""
    trace: Any = told.seen.get("trace", told.seen)
    if "result" in trace:
        return rule_view(trace)
    shown = {name.replace("_", " "): value for name, value in told.seen.items() if name not in _UNTOLD}
    return ", ".join(
        f"{name}: {', '.join(value) if isinstance(value, list) else value}" for name, value in shown.items()
    )


def _local(at: Any, zone: str) -> str:
    """By both clocks."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a %Y-%m-%d %H:%M} {zone}" + ("" if zone == "UTC" else f" ({at:%Y-%m-%d %H:%M} UTC)")
