"""Statements and HTML's elements must nest in each other, or a mail falls apart when a condition does not hold."""

import re

import lxml.html
from lxml.html import HtmlElement

from templates_app.placeholders import Shield, keyword

_HEAD = re.compile(
    r"\s*(?:<!doctype[^>]*>)?(?:\s|<(style|title)\b.*?</\1\s*>|<(?:meta|link)\b[^>]*>)*", re.DOTALL | re.IGNORECASE
)
_HAS_BODY = re.compile(r"<(?:html|head|body)\b", re.IGNORECASE)
# Comments are matched first and left alone: those for Outlook hold tables, too.
_BARE_ROWS = re.compile(r"<!--.*?-->|(<table\b[^>]*>)(?=(?:\s|<!--.*?-->)*<tr\b)", re.DOTALL | re.IGNORECASE)


class BadlyNested(Exception):
    """A statement that begins in one element and ends in another."""


def spell_out(html: str) -> str:
    """Write the tags that HTML lets one leave out, where a parser would otherwise put a statement outside of them."""
    if not _HAS_BODY.search(html):
        head = _HEAD.match(html)
        end = head.end() if head else 0
        html = f"{html[:end]}<body>{html[end:]}"
    return _BARE_ROWS.sub(lambda match: f"{match[0]}<tbody>" if match[1] else match[0], html)


def parse(html: str) -> HtmlElement:
    return lxml.html.document_fromstring(html, parser=lxml.html.HTMLParser(huge_tree=True))


def check_nesting(html: str, shield: Shield) -> None:
    """Of every statement in `html`, see that it ends in the element in which it begins. Raises BadlyNested."""
    opened: list[tuple[str, HtmlElement | None]] = []
    for comment in parse(html).xpath("//comment()"):
        mark = shield.comment.fullmatch(comment.text or "")
        if mark is None:
            continue
        statement, parent = shield.original(mark), comment.getparent()
        word = keyword(statement)
        if word in ("if", "for", "with") or (word == "set" and "=" not in statement):
            opened.append((statement, parent))
        elif word.startswith("e") and opened:  # elif, else, endif, endfor, …
            opening, there = opened.pop() if word.startswith("end") else opened[-1]
            if there is not parent:
                raise BadlyNested(
                    f"{opening} and its {statement} must stand in the same element, around whole elements."
                )
