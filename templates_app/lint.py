"""Advice on a compiled mail: nothing here keeps it from being published."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

from templates_app.check import place
from templates_app.draft import Parts
from templates_app.faults import Fault
from templates_app.placeholders import Shield

# Gmail shows no more than this and hides the rest, the unsubscribe link included, behind “view entire message”.
CLIPPED_AT = 102 * 1024

_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_LINK_SCHEMES = frozenset({"http", "https", "mailto", "sms", "tel"})
_IMAGE_SCHEMES = frozenset({"http", "https", "cid"})
_REMOVED = frozenset({"script", "form", "iframe", "object", "embed", "video", "audio"})


def lint(*, content: Mapping[str, Parts]) -> list[Fault]:
    """What somebody should look at in a version's `content`, language by language."""
    return [
        Fault(place(language, "html"), message)
        for language, parts in content.items()
        for message in dict.fromkeys([*_size(parts["html"]), *_required(parts), *_markup(parts["html"])])
    ]


def _size(html: str) -> list[str]:
    size = len(html.encode())
    if size <= CLIPPED_AT:
        return []
    return [f"The mail is {size // 1024} kB. Gmail cuts off what is beyond {CLIPPED_AT // 1024} kB."]


def _required(parts: Parts) -> list[str]:
    advice = {
        "unsubscribe_url": "There is no link to {{ unsubscribe_url }}. Only transactional mail may go without.",
        "postal_address": "There is no {{ postal_address }}. Marketing mail must show one.",
    }
    return [message for name, message in advice.items() if name not in parts["html"]]


def _markup(html: str) -> list[str]:
    shield = Shield(html)
    linter = _Linter(shield)
    linter.feed(shield.html)
    linter.close()
    return [shield.restore(message) for message in linter.advice]


class _Linter(HTMLParser):
    def __init__(self, shield: Shield) -> None:
        super().__init__()
        self.advice: list[str] = []
        self._mark = shield.mark

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: (value or "").strip() for name, value in attrs}
        if tag == "a" and "href" in given:
            self._address("link", given["href"], _LINK_SCHEMES)
        elif tag == "img":
            self._address("image", given.get("src", ""), _IMAGE_SCHEMES)
            if "alt" not in given:
                self.advice.append(
                    f'The image “{given.get("src", "")}” has no alt text. If it is decoration, write alt="".'
                )
        elif tag in _REMOVED:
            self.advice.append(f"Mail programs remove <{tag}>.")
        elif tag.startswith("mj-"):
            self.advice.append(f"<{tag}> was not understood as MJML.")

    def _address(self, what: str, address: str, schemes: frozenset[str]) -> None:
        scheme = _SCHEME.match(address)
        if address in ("", "#"):
            self.advice.append(f"There is a {what} that leads nowhere.")
        elif scheme and scheme[1].lower() not in schemes:
            self.advice.append(f"The {what} “{address[:80]}” is unsafe: mail programs refuse {scheme[1].lower()}:.")
        elif not scheme and not self._mark.match(address):
            self.advice.append(f"The {what} “{address[:80]}” has no https:// at its beginning.")
