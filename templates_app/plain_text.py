"""The plain text of an HTML mail, made once at publishing: with the marks of its placeholders still in place."""

from inscriptis import Inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml.etree import Comment
from lxml.html import HtmlElement

from templates_app.placeholders import Shield, is_statement
from templates_app.structure import parse

_CONFIG = ParserConfig(css=CSS_PROFILES["strict"], display_images=True)
# Tables lay mails out; they are read as lines, not drawn. A row is a line, its cells are words in it.
_AS_LINES = {"table", "tbody", "thead", "tfoot", "tr", "center"}
_AS_WORDS = {"td", "th"}


def plain_text(html: str, shield: Shield) -> str:
    """The text of `html`, placeholders restored. Links are followed by <their address>."""
    tree = parse(html)
    for node in list(tree.iter()):
        if node.tag is Comment:
            _into_text(node, node.text if shield.comment.fullmatch(node.text or "") else "")
        elif node.tag in _AS_LINES:
            node.tag = "div"
        elif node.tag in _AS_WORDS:
            node.tag = "span"
            node.tail = f" {node.tail or ''}"
        elif node.tag == "a":
            _show_address(node, shield)
    return shield.restore(_lines(Inscriptis(tree, _CONFIG).get_text(), shield), _without_trimming)


def _into_text(comment: HtmlElement, text: str) -> None:
    """Replace a comment by `text`."""
    comment.tail = text + (comment.tail or "")
    comment.drop_tree()


def _show_address(link: HtmlElement, shield: Shield) -> None:
    address = (link.get("href") or "").strip().removeprefix("mailto:").removeprefix("tel:")
    same = shield.restore(address) == shield.restore(link.text_content().strip())
    if address and not address.startswith("#") and not same:
        link.tail = f" <{address}>{link.tail or ''}"


def _lines(text: str, shield: Shield) -> str:
    """Tidy up: a line that holds nothing but statements leaves no line in the mail, and no second empty one."""
    result, after_empty = "", True
    for line in map(str.strip, text.strip().splitlines()):
        if _only_statements(line, shield):
            result += line
        elif line or not after_empty:
            result += f"{line}\n"
            after_empty = not line
    return result


def _only_statements(line: str, shield: Shield) -> bool:
    marks = list(shield.mark.finditer(line))
    rest = shield.mark.sub("", line).strip()
    return bool(marks) and not rest and all(is_statement(shield.original(mark)) for mark in marks)


def _without_trimming(placeholder: str) -> str:
    """`{%- … -%}` trims around tags in HTML, where space means little; here it would join lines."""
    if placeholder[2:3] in "-+":
        placeholder = placeholder[:2] + placeholder[3:]
    if placeholder[-3:-2] in "-+":
        placeholder = placeholder[:-3] + placeholder[-2:]
    return placeholder
