"""Opens and clicks of a message, in the admin's words: who was it, and what tells?"""

from automation.admin.tables import SHOWN, Table, label, when
from automation.delivery.machines import Sign
from automation.delivery.models import Engagement, Message

SIGNS = {
    Sign.ESP: "the ESP says so",
    Sign.AGENT: "its program is known for it",
    Sign.TOO_SOON: "too soon after the delivery",
    Sign.LINKS_AT_ONCE: "several links at once",
}


def engagements_table(message: Message, *, in_full: bool) -> Table:
    """`in_full`: with what may tell who it was."""
    return Table(
        "Opens and clicks",
        ["When", "What", "By", "What tells", "Link", "Program"],
        [_row(one, in_full=in_full) for one in message.engagement_set.order_by("-at", "pk")[:SHOWN]],
        empty="None yet.",
    )


def _row(one: Engagement, *, in_full: bool) -> list[object]:
    by = label("a machine", "warning") if one.signs else label("a person", "success")
    why = ", ".join(SIGNS[Sign(sign)] for sign in one.signs)
    told = [one.url or "-", one.agent or "-"] if in_full else ["-", "-"]
    return [when(one.at), "click" if one.is_click else "open", by, why or "-", *told]
