"""What a simulation begins with, as a marketer says it: who, what happens, and when."""

import json
from typing import Any, cast

from django import forms
from django.utils import timezone
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from automation.admin.fields import DurationField
from automation.admin.json_field import JsonField
from automation.contacts.models import Contact
from automation.contacts.read import read_contact
from automation.core.faults import Refused
from automation.core.ids import new_id
from automation.events.models import Event
from automation.events.validate import payload_faults
from automation.flows.models import Flow
from automation.flows.steps import wait_event
from automation.flows.triggers import TriggerKind

MADE_UP = ["email", "language", "time_zone", "region", "attributes"]
OF_EVENT = ["event_id", "payload"]
STORED = ["external_id", "event_id"]


def _text(label: str, help_text: str = "") -> forms.CharField:
    widget = UnfoldAdminTextInputWidget()
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=254, widget=widget)


class SimulateForm(forms.Form):
    """Valid, it has `contact`, `event` (None: a schedule's) and `at`. Neither need be stored."""

    external_id = _text("Contact", "The id that your services use. Empty: make somebody up below.")
    email = _text("Address")
    language = _text("Language", "Such as pt-BR.")
    time_zone = _text("Time zone", "Such as Europe/Lisbon.")
    region = _text("Region", "Such as EU.")
    attributes = JsonField(label="Attributes")
    event_id = forms.UUIDField(
        label="An event that came in",
        help_text="Its id. Empty: the one below happens.",
        required=False,
        widget=UnfoldAdminTextInputWidget(),
    )
    payload = JsonField(label="What the event says")
    begins = forms.DateTimeField(
        label="From",
        help_text="In UTC, such as 2026-12-24 18:00. Empty: now.",
        required=False,
        widget=UnfoldAdminTextInputWidget(),
    )
    happens = forms.MultipleChoiceField(
        label="What is waited for happens at", required=False, widget=forms.CheckboxSelectMultiple()
    )
    late = DurationField(
        label="The first wait ends late by",
        help_text="As if everything had been down, or the flow paused. Empty: in time.",
        initial=[None, "3600"],
    )
    even_if_refused = forms.BooleanField(
        label="Show the way even if the contact would not enter", required=False, widget=UnfoldBooleanSwitchWidget()
    )

    def __init__(self, data: Any = None, *, flow: Flow, of_people: bool) -> None:
        """`of_people`: whoever asks may see personal data. Else somebody is made up, of whom nothing is stored."""
        is_segment = flow.trigger_kind == TriggerKind.SEGMENT
        sample = {"segment": flow.trigger_key} if is_segment else flow.trigger.sample if flow.trigger else {}
        super().__init__(data, initial={"payload": sample, "email": "somebody@example.com"})
        self.flow = flow
        waiting = flow.steps.filter(kind=wait_event.KIND.name).values_list("key", "options__event")
        happens = cast(forms.MultipleChoiceField, self.fields["happens"])
        happens.choices = [(key, f"{key}: {event}") for key, event in waiting]
        unfit = {*(() if waiting else ["happens"]), *(() if flow.trigger else OF_EVENT), *(() if of_people else STORED)}
        for name in unfit:
            del self.fields[name]

    def clean(self) -> None:
        super().clean()
        self.at = self.cleaned_data.get("begins") or timezone.now()
        self.event = self._event() if self.flow.trigger else None
        self.contact = self._contact()

    def _event(self) -> Event | None:
        event_id, payload = (self.cleaned_data.get(name) for name in OF_EVENT)
        if event_id:
            stored = Event.objects.select_related("event_type", "contact").filter(pk=event_id).first()
            if stored is None:
                self.add_error("event_id", "No such event is known.")
            return stored
        trigger = self.flow.trigger
        for fault in payload_faults(payload or {}, json.dumps(trigger.schema)) if trigger else ():
            self.add_error("payload", f"At {fault.pointer}: {fault.message}")
        return Event(id=new_id(), event_type=trigger, occurred_at=self.at, payload=payload or {})

    def _contact(self) -> Contact:
        external_id = self.cleaned_data.get("external_id")
        if self.event and self.event.content_hash:
            if external_id and external_id != self.event.contact.external_id:
                self.add_error("external_id", "That event is of somebody else. Leave this empty.")
            return self.event.contact
        if external_id:
            known = Contact.objects.filter(external_id=external_id, erased_at=None).first()
            if known is None:
                self.add_error("external_id", "No such contact is known.")
            return known or Contact(pk=0)
        return self._made_up()

    def _made_up(self) -> Contact:
        """Read as the API reads contacts."""
        given = {name: self.cleaned_data.get(name) or None for name in MADE_UP}
        try:
            return Contact(pk=0, external_id="somebody", **read_contact(json.dumps(given).encode()))
        except Refused as refused:
            for fault in refused.faults:
                name = fault.pointer.split("/")[1] if fault.pointer else None
                self.add_error(name if name in MADE_UP else None, fault.message)
            return Contact(pk=0)
