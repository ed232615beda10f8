"""Machines: who opened a mail or followed a link, a person or a program? Pure.

Scanners follow links before the mail reaches its reader; privacy proxies load pictures of mails that nobody reads. The
mail providers' ordinary picture proxies (GoogleImageProxy, YahooMailProxy) load them as somebody reads, so they speak
for a person unless something else speaks against it.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Sign(StrEnum):
    """What tells a machine."""

    ESP = "esp"  # The ESP itself says so.
    AGENT = "agent"  # Its name is one of a scanner, a robot or a prefetching proxy.
    TOO_SOON = "too_soon"  # Before anybody could have looked.
    LINKS_AT_ONCE = "links_at_once"


# From delivery to the open: reading the sender and subject takes a person longer. More, and the quick are taken for
# machines; less, and scanners that queue mail for a moment pass for people.
TOO_SOON = timedelta(seconds=5)
# So many different links within so long: nobody waits for that many pages.
LINKS = 3
AT_ONCE = timedelta(seconds=2)

# Apple's Mail Privacy Protection calls itself this and nothing more. People's programs say what they are.
_PREFETCHING = "mozilla/5.0"
# "bot", but not in Cubot, which makes telephones.
_is_robot = re.compile(
    r"(?<!cu)bot\b|crawler|spider|scan(?:ner)?\b|preview|headless|phantomjs|curl/|wget/|python|go-http|okhttp|"
    r"libwww|httpclient|java/|barracuda|mimecast|proofpoint|messagelabs|symantec|ironport|fireeye|forcepoint|sophos",
    re.IGNORECASE,
).search


class Engaged(NamedTuple):
    """An open or a click, as the ESP tells it."""

    key: UUID  # The same however often it is told.
    is_click: bool
    at: datetime
    url: str
    agent: str  # What the program called itself; "": the ESP does not say.
    flagged: bool  # The ESP says that it was a machine.


def judge(engaged: Sequence[Engaged], delivered_at: datetime | None) -> Mapping[UUID, list[str]]:
    """The signs of a machine in each of one mail's opens and clicks, by key; none: a person. Their order is the same.

    While it is not known when the mail was delivered, nothing is too soon.
    """
    at_once = _at_once([one for one in engaged if one.is_click])
    return {one.key: [sign.value for sign in _signs(one, at_once, delivered_at)] for one in engaged}


def _signs(one: Engaged, at_once: Collection[UUID], delivered_at: datetime | None) -> list[Sign]:
    found = {
        Sign.ESP: one.flagged,
        Sign.AGENT: one.agent.strip().lower() == _PREFETCHING or _is_robot(one.agent),
        Sign.TOO_SOON: delivered_at is not None and one.at - delivered_at < TOO_SOON,
        Sign.LINKS_AT_ONCE: one.key in at_once,
    }
    return [sign for sign, is_there in found.items() if is_there]


def _at_once(clicks: Sequence[Engaged]) -> set[UUID]:
    """Those that lie in some stretch of AT_ONCE with so many links."""
    found: set[UUID] = set()
    in_order = sorted(clicks, key=lambda one: one.at)
    moments = [one.at for one in in_order]
    for position, first in enumerate(moments):
        stretch = in_order[position : bisect_right(moments, first + AT_ONCE)]
        if len({one.url for one in stretch}) >= LINKS:
            found |= {one.key for one in stretch}
    return found
