"""A flow's draft simulated for one contact, as a timeline."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from unfold.decorators import action

from automation.admin.base import PageAdmin
from automation.admin.personal import sees_personal
from automation.admin.simulate_form import SimulateForm
from automation.admin.simulate_lines import Line
from automation.contacts.models import Contact
from automation.enrollments.simulate import simulate
from automation.flows.models import Flow


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
        late=form.cleaned_data["late"] or timedelta(),
        even_if_refused=form.cleaned_data["even_if_refused"],
    )
    return [Line(one) for one in told]
