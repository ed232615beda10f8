"""From what a marketer wrote to what is rendered per mail, once, at publishing: blocks, MJML, CSS, preheader, text."""

import html
import re

from css_inline import CSSInliner, InlineError
from minijinja import TemplateError
from mjml import mjml2html

from templates_app import placeholders
from templates_app.blocks import CannotInclude, include
from templates_app.draft import Draft, Parts
from templates_app.engine import Mail
from templates_app.placeholders import Shield
from templates_app.plain_text import plain_text
from templates_app.structure import BadlyNested, check_nesting, spell_out

# What cannot be inlined stays: media queries, dark mode, hover. Nothing is ever fetched.
_INLINER = CSSInliner(
    keep_style_tags=True,
    remove_inlined_selectors=True,
    keep_at_rules=True,
    keep_link_tags=True,
    load_remote_stylesheets=False,
)
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_HIDDEN = "display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden"


class CannotCompile(Exception):
    """Says why in a marketer's words."""


def compile_parts(draft: Draft, language: str) -> Parts:
    """One language, ready to be rendered. Raises CannotCompile.

    Every placeholder of the source is in the result, where it was. Hostile markup may crash it, or keep it busy for
    ever, in code that is not ours: run it where that does no harm (see workshop.py).
    """
    parts = draft.languages[language]
    try:
        shield = Shield(include(parts["html"], draft.blocks))
        body = _to_html(shield, draft.format)
        check_nesting(body, shield)
    except (CannotInclude, BadlyNested) as error:
        raise CannotCompile(str(error)) from error
    except (ValueError, InlineError) as error:
        raise CannotCompile(f"The markup cannot be read: {error}.") from error
    if lost := shield.lost(body):
        raise CannotCompile(f"{lost[0]} is lost where it stands. Put it into text, or into an attribute's quotes.")
    compiled = Parts(
        subject=parts["subject"],
        preheader=parts["preheader"],
        html=_with_preheader(_with_doctype(body), parts["preheader"], shield),
        text=parts["text"].strip() or plain_text(body, shield),
    )
    _must_be_readable(compiled)
    return compiled


def _to_html(shield: Shield, format_: str) -> str:
    if misplaced := shield.between_attributes:
        raise CannotCompile(f"{misplaced[0]} stands in a tag, outside of the quotes. Put it into an attribute's value.")
    body = mjml2html(shield.html) if format_ == "mjml" else shield.html
    return _INLINER.inline(spell_out(body))


def _with_doctype(body: str) -> str:
    return body if body[:9].lower() == "<!doctype" else f"<!DOCTYPE html>{body}"


def _with_preheader(body: str, preheader: str, shield: Shield) -> str:
    """The body, placeholders restored, with the preheader hidden at its very start, where inboxes look for it."""
    start = _BODY.search(body)
    if not preheader.strip() or not start:
        return shield.restore(body)
    hidden = f'<div style="{_HIDDEN}">{placeholders.map_literals(html.escape, preheader)}</div>'
    return shield.restore(body[: start.end()]) + hidden + shield.restore(body[start.end() :])


def _must_be_readable(compiled: Parts) -> None:
    """Moving markup about may have moved a statement out of its pair."""
    try:
        Mail(compiled)
    except TemplateError as error:
        part = {"body.html": "HTML", "body.txt": "plain text made from it"}.get(error.name or "", "mail")
        raise CannotCompile(f"The {part} cannot be read any more: {error.detail or error.message}.") from error
