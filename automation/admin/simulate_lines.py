"""What a simulation tells, in a marketer's words."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString

from automation.admin import words
from automation.admin.rule_view import rule_view
from automation.core.spans import span
from automation.enrollments.simulation.entry import DOES_NOT_LISTEN, NO_TURN
from automation.enrollments.simulation.told import About, Told
from automation.flows.steps import KINDS

_ABOUT: dict[About, str] = {
    About.FAULT: "Not ready",
    About.ENTRY: "Who enters",
    About.ADDRESS: "May it be mailed today?",
    About.STEP: "Step",
    About.LATE: "Late",
    About.UNHEARD: "Waits on",
    About.MAIL: "Mail",
    About.END: "End",
}
_SAID: dict[str, str] = {
    **words.VERDICTS,
    DOES_NOT_LISTEN: "not entered: the flow does not listen to this event",
    NO_TURN: "not entered: the schedule does not come round for this contact any more",
    "allowed": "yes",
    "late": "the wait ends only now",
    "unheard": "the sample of what it waits for is not as the step wants it",
    "end": "the walk ends here",
    "goal_reached": "ends: the goal is reached",
    "exited": "ends: there is a reason to stop",
    "and_so_on": "and so on: it goes round and round",
}
_UNTOLD = {"kind", "next", "until", "trace"}  # Said otherwise, or of no use to people.


class Line(NamedTuple):
    told: Told

    @property
    def about(self) -> str:
        name = _ABOUT[self.told.about]
        return f"{name} “{self.told.step_key}”" if self.told.step_key else name

    @property
    def text(self) -> str:
        told = self.told
        if told.about is About.STEP and told.said in KINDS:
            return KINDS[told.said].label
        if told.about is About.MAIL:
            return self._becomes_of_mail()
        return _SAID.get(told.said) or words.reason(told.said)

    @property
    def local(self) -> str:
        return self._local(self.told.at)

    @property
    def until(self) -> str:
        return self._local(self.told.until)

    @property
    def if_late(self) -> str:
        return what_if_late(self.told.skip_after) if self.told.until else ""

    @property
    def put_off(self) -> list[str]:
        """What would hold the mail up, one after the other."""
        going = self.told.mail and self.told.mail.going
        return (
            [f"Until {self._local(one.until)}: {words.reason(one.reason)}." for one in going.put_off] if going else []
        )

    @property
    def trouble(self) -> str:
        """Why its mail would be withheld."""
        mail = self.told.mail
        if mail is None or not mail.trouble:
            return ""
        why = f"Because {words.reason(mail.trouble)}."
        if mail.going is None or mail.going.room_at is None:
            return why
        return f"{why} There is room again on {self._local(mail.going.room_at)}: later than the cap lets it wait."

    @property
    def because(self) -> SafeString | str:
        """The values behind it; a rule's trace as everywhere."""
        seen = self.told.seen
        trace: Any = seen.get("trace", seen)
        if "result" in trace:
            return rule_view(trace)
        shown = {name.replace("_", " "): value for name, value in seen.items() if name not in _UNTOLD}
        return ", ".join(
            f"{name}: {', '.join(value) if isinstance(value, list) else value}" for name, value in shown.items()
        )

    def _becomes_of_mail(self) -> str:
        going = self.told.mail and self.told.mail.going
        if not self.told.good:
            return "would be withheld"
        if going is None or going.goes_at is None:
            return "would wait"
        return f"would go out on {self._local(going.goes_at)}" if going.put_off else "would go out at once"

    def _local(self, at: datetime | None) -> str:
        """By both clocks."""
        if at is None:
            return ""
        local, zone = at.astimezone(ZoneInfo(self.told.zone)), self.told.zone
        return f"{local:%a %Y-%m-%d %H:%M} {zone}" + ("" if zone == "UTC" else f" ({at:%Y-%m-%d %H:%M} UTC)")


def what_if_late(skip_after: timedelta | None) -> str:
    """What the flow wants if a wait ends late, everything having been down, say."""
    if skip_after is None:
        return "However late this ends, the mails after it are sent."
    return f"If this ends more than {span(skip_after)} late, the mails up to the next wait are passed over."
