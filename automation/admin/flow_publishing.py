"""The page between “Save and publish” and publishing: what changes, who waits where, and what becomes of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminSelectWidget

from automation.admin.base import PageAdmin
from automation.admin.flow_changes import changes
from automation.enrollments.in_flight import Waiting, in_flight
from automation.enrollments.migration_plan import MigrationPlan
from automation.enrollments.publish_with_plan import Choice, PlanInvalid, publish_with_plan
from automation.flows.draft import Draft, look_at
from automation.flows.models import Flow, FlowVersion
from automation.flows.publish import FlowInvalid

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

Action = MigrationPlan.Action
STAY = ""
MOVE = f"{Action.MOVE}:"


class PlanForm(forms.Form):
    """A choice for each step of each older version that somebody waits for."""

    looked_at = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, waiting: Sequence[Waiting], version: FlowVersion) -> None:
        super().__init__(data, initial={"looked_at": version.content_hash})
        self.waiting = waiting
        steps = [(f"{MOVE}{key}", f"Go on with “{key}”") for key in version.definition["steps"]]
        for one in waiting:
            self.fields[_name(one)] = forms.ChoiceField(
                choices=[
                    (STAY, f"Stay on v{one.number}"),
                    ("In the new version", steps),
                    (Action.LEAVE.value, "Leave the flow"),
                ],
                required=False,
                widget=UnfoldAdminSelectWidget({"aria-label": _question(one)}),
            )

    def rows(self) -> list[tuple[Waiting, forms.BoundField]]:
        return [(one, self[_name(one)]) for one in self.waiting]

    def choices(self) -> list[Choice]:
        chosen = [(one, self.cleaned_data[_name(one)]) for one in self.waiting]
        return [_choice(one, value) for one, value in chosen if value != STAY]


def _question(one: Waiting) -> str:
    return f"What becomes of the {one.people:,} who wait for “{one.step_key}” in v{one.number}"


def _name(one: Waiting) -> str:
    return f"plan-{one.version_id}-{one.step_key}"


def _choice(one: Waiting, value: str) -> Choice:
    if value == Action.LEAVE:
        return Choice(one.version_id, one.step_key, Action.LEAVE)
    return Choice(one.version_id, one.step_key, Action.MOVE, value.removeprefix(MOVE))


def begin(admin: PageAdmin, request: HttpRequest, flow: Flow) -> HttpResponse:
    """Ask back if there is anything to see before the saved draft is published; else publish it."""
    flow = Flow.objects.get(pk=flow.pk)
    draft = look_at(flow)
    if flow.live_version and draft.version and (draft.differs or _in_older(flow, draft)):
        return HttpResponseRedirect(reverse("admin:automation_flow_publish", args=[flow.pk]))
    _publish(admin, request, flow, [])
    return HttpResponseRedirect(request.path)


def page(admin: PageAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    flow = admin.find(request, object_id)
    if not admin.has_change_permission(request, flow):
        raise PermissionDenied
    flow = Flow.objects.select_related("live_version__sender", "live_version__topic").get(pk=flow.pk)
    back = HttpResponseRedirect(reverse("admin:automation_flow_change", args=[flow.pk]))
    draft = look_at(flow)
    if draft.version is None or flow.live_version is None:
        return back  # That page says what is missing, and publishes what never ran.
    waiting = _in_older(flow, draft)
    form = PlanForm(request.POST or None, waiting=waiting, version=draft.version)
    if form.is_valid() and _publish(admin, request, flow, form.choices(), form.cleaned_data["looked_at"]):
        return back
    # What was seen is what is shown, so a form that was refused begins anew.
    form = PlanForm(waiting=waiting, version=draft.version)
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.opts,
        "title": f"Publish “{flow}”",
        "flow": flow,
        "draft": draft,
        "tables": changes(flow.live_version, draft.version),
        "form": form,
        "moving": _moving(flow),
    }
    return TemplateResponse(request, "admin/automation/flow/publish.html", context)


def _in_older(flow: Flow, draft: Draft) -> list[Waiting]:
    """Those in versions that are not what is about to be published."""
    stays_live = None if draft.differs else flow.live_version_id
    return [one for one in in_flight(flow) if one.version_id != stays_live]


def _moving(flow: Flow) -> list[MigrationPlan]:
    """What an earlier plan has not come to yet."""
    plans = MigrationPlan.objects.filter(from_version__flow=flow, done_at=None)
    return list(plans.select_related("from_version", "to_version").defer(*_DEFINITIONS))


_DEFINITIONS = ("from_version__definition", "to_version__definition")


def _publish(
    admin: PageAdmin, request: HttpRequest, flow: Flow, choices: Sequence[Choice], looked_at: str = ""
) -> FlowVersion | None:
    """Publish, and say what came of it. None: nothing was changed."""
    by: AbstractBaseUser | None = request.user if request.user.is_authenticated else None
    try:
        version = publish_with_plan(flow=flow, choices=choices, by=by, looked_at=looked_at)
    except FlowInvalid:
        admin.message_user(request, "Saved, but not published: see below what is missing.", messages.WARNING)
        return None
    except PlanInvalid as error:
        admin.message_user(request, f"Not published. {error}", messages.WARNING)
        return None
    admin.log_change(request, flow, f"Published v{version.number}.")
    begins = "begins once the flow is resumed" if flow.status == Flow.Status.PAUSED else "is live"
    admin.message_user(request, f"v{version.number} of “{flow}” {begins}.", messages.SUCCESS)
    if choices:
        admin.message_user(request, "Those whom you moved follow within seconds; many take a few minutes.")
    return version
