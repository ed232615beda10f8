"""Placeholders, `{{ … }}` and `{% … %}`, and how they pass unharmed through programs that know only HTML or MJML."""

import re
from collections.abc import Callable, Iterator

# No two alternatives begin alike, so a hostile draft cannot make the search backtrack. Possessive quantifiers would
# say so, but those of Python before 3.11.5 match wrongly (python/cpython#106052), and Debian 12 has 3.11.2.
_INSIDE = r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?!{end})[^"'])*{end}"""
_PLACEHOLDER = re.compile(
    r"\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}"  # Whole: nothing in it is a placeholder.
    r"|\{\#.*?\#\}"
    r"|\{\{" + _INSIDE.format(end=r"\}\}") + r"|\{%" + _INSIDE.format(end=r"%\}"),
    re.DOTALL,
)
# Markup whose inside is not read as HTML, and tags.
_NO_TEXT = (
    r"(?is:<!--.*?-->"  # Also Outlook's conditional comments, with all the markup in them.
    r"|<(?P<raw>style|script|title|textarea|mj-style|mj-title|mj-preview)\b.*?</(?P=raw)\s*>"
    r"|(?P<tag><[a-z/!](?:\"[^\"]*\"|'[^']*'|[^\"'>])*>))"
)
_ATTRIBUTE_VALUE = re.compile(r"=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_KEYWORD = re.compile(r"\{%[-+]?\s*(\w*)")


def find(source: str) -> Iterator[re.Match[str]]:
    """Every placeholder in `source`, in order. A comment is one, too; a raw block is one as a whole."""
    return _PLACEHOLDER.finditer(source)


def map_literals(change: Callable[[str], str], source: str) -> str:
    """`source` with `change` applied to all that is not a placeholder."""
    pieces, end = [], 0
    for match in find(source):
        pieces += [change(source[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*pieces, change(source[end:])])


def keyword(placeholder: str) -> str:
    """The first word of a statement; empty for what prints, and for comments."""
    match = _KEYWORD.match(placeholder)
    return match[1] if match else ""


def is_literal(placeholder: str) -> bool:
    """Whether it is a comment or a raw block: there is no code in it."""
    return placeholder.startswith("{#") or keyword(placeholder) == "raw"


def is_statement(placeholder: str) -> bool:
    """Whether it prints nothing by itself."""
    return placeholder.startswith("{%") and not is_literal(placeholder)


class Shield:
    """A source whose placeholders are marks while HTML programs work on it.

    A mark is a plain word, which survives as text, in an attribute and in CSS. Only a statement that stands between
    tags is a comment instead: HTML parsers move words, but not comments, out of a table. In a tag and outside of its
    attributes' values nothing is sure to survive: `between_attributes` has those.
    """

    def __init__(self, source: str) -> None:
        self._originals: list[str] = []
        self.between_attributes: list[str] = []
        self._prefix = "zq"
        while self._prefix in source:
            self._prefix += "q"
        # The group is the placeholder's number. A comment of ours ends otherwise than a word that stands in theirs.
        self.mark = re.compile(rf"{self._prefix}(\d+)[cz]")
        self.comment = re.compile(rf"{self._prefix}(\d+)c")
        self.html = self._between_tags_as_comments(_PLACEHOLDER.sub(self._hide, source))

    def restore(self, text: str, change: Callable[[str], str] = str) -> str:
        """Put the placeholders back, each after `change`."""
        either = f"<!--{self.comment.pattern}-->|{self.mark.pattern}"
        return re.sub(either, lambda m: change(self._originals[int(m[1] or m[2])]), text)

    def lost(self, text: str) -> list[str]:
        """The placeholders that did not come through, in their order."""
        found = {int(number) for number in self.mark.findall(text)}
        return [original for number, original in enumerate(self._originals) if number not in found]

    def original(self, mark: re.Match[str]) -> str:
        return self._originals[int(mark[1])]

    def _hide(self, match: re.Match[str]) -> str:
        if match[0].startswith("{#"):
            return ""
        self._originals.append(match[0])
        return f"{self._prefix}{len(self._originals) - 1}z"

    def _between_tags_as_comments(self, html: str) -> str:
        def comment(match: re.Match[str]) -> str:
            if match["tag"]:
                self._see_that_it_is_whole(match["tag"])
            # Some editors keep statements only if they are written as comments.
            mark = self.mark.fullmatch(match[0].removeprefix("<!--").removesuffix("-->").strip())
            return f"<!--{mark[0][:-1]}c-->" if mark and is_statement(self.original(mark)) else match[0]

        return re.sub(f"{_NO_TEXT}|{self.mark.pattern}", comment, html)

    def _see_that_it_is_whole(self, tag: str) -> None:
        if mark := self.mark.search(_ATTRIBUTE_VALUE.sub("", tag)):
            self.between_attributes.append(self.original(mark))
