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


def engagements_table(message: Message) -> Table:
    return Table(
        "Opens and clicks",
        ["When", "What", "By", "What tells", "Link", "Program"],
        [_row(one) for one in message.engagement_set.order_by("-at", "pk")[:SHOWN]],
        empty="None yet.",
    )


def _row(one: Engagement) -> list[object]:
    by = label("a machine", "warning") if one.signs else label("a person", "success")
    why = ", ".join(SIGNS[Sign(sign)] for sign in one.signs)
    return [when(one.at), "click" if one.is_click else "open", by, why or "-", one.url or "-", one.agent or "-"]
