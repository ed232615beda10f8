"""What must be right before a draft can be compiled, each fault with its place."""

import re
from collections.abc import Collection, Iterator

from minijinja import TemplateError

from templates_app import placeholders
from templates_app.blocks import block_key
from templates_app.draft import DEFAULT_LANGUAGE, RESERVED, Draft
from templates_app.engine import CONTROL, environment
from templates_app.faults import Fault
from templates_app.vocabulary import FILTERS, FUNCTIONS, KEYWORDS, STATEMENTS, TESTS

# Gmail cuts at 102 kB of compiled HTML; sources ten times as long are mistakes, such as an image pasted as text.
MAX_SOURCE = 1_000_000

_TEXT_LITERAL = re.compile(r"""\"(?:\\.|[^"\\])*\"|'(?:\\.|[^'\\])*'""")
_FILTER = re.compile(r"\|\s*(\w+)")
_TEST = re.compile(r"\bis\s+(?:not\s+)?([a-z]\w*)")


def check(draft: Draft) -> list[Fault]:
    """Everything that is wrong with the draft as it was written, except what only compiling it can show."""
    faults = (
        [] if DEFAULT_LANGUAGE in draft.languages else [Fault("", "One variant must have no language: the default.")]
    )
    declared = {variable["name"] for variable in draft.variables}
    faults += [
        Fault(f"variable {name}", "This name has a meaning of its own. Choose another.")
        for name in sorted(declared & (RESERVED | FUNCTIONS | KEYWORDS))
    ]
    known = declared | RESERVED
    for language, parts in draft.languages.items():
        faults += _header_faults(draft, language)
        for part in ("subject", "preheader", "html", "text"):
            blocks = draft.blocks if part == "html" else {}
            faults += _check_source(place(language, part), parts[part], known=known, blocks=blocks)
    for key, source in draft.blocks.items():
        faults += _check_source(f"block {key}", source, known=known, blocks=draft.blocks)
    return faults


def place(language: str, part: str) -> str:
    return f"{language or 'default'}, {part}"


def _header_faults(draft: Draft, language: str) -> Iterator[Fault]:
    parts = draft.languages[language]
    if not parts["subject"].strip():
        yield Fault(place(language, "subject"), "Write a subject.")
    if not parts["html"].strip():
        yield Fault(place(language, "html"), "Write the mail.")
    for part, source in (("subject", parts["subject"]), ("preheader", parts["preheader"])):
        if CONTROL.search(source):
            yield Fault(place(language, part), "There is a line break or another control character in it.")


def _check_source(where: str, source: str, *, known: set[str], blocks: Collection[str]) -> list[Fault]:
    if len(source) > MAX_SOURCE:
        return [Fault(where, f"This is longer than {MAX_SOURCE:,} characters.")]
    faults, rest, end = [], "", 0
    for match in placeholders.find(source):
        is_block = block_key(match[0]) in blocks
        if not is_block:
            line = source.count("\n", 0, match.start()) + 1
            faults += [Fault(f"{where}, line {line}", message) for message in _not_available(match[0])]
        rest += source[end : match.start()] + ("" if is_block else match[0])
        end = match.end()
    # The engine would trip over what is not available, with words of its own.
    return faults or _engine_faults(where, rest + source[end:], known)


def _not_available(placeholder: str) -> Iterator[str]:
    """What the placeholder asks for that templates do not offer."""
    if placeholders.is_literal(placeholder):
        return
    word = placeholders.keyword(placeholder)
    if word == "include":
        yield f"There is no block “{block_key(placeholder)}” to include here."
    elif placeholders.is_statement(placeholder) and word not in STATEMENTS and not word.startswith("end"):
        yield f"“{word}” is not available in templates."
    code = _TEXT_LITERAL.sub("''", placeholder)
    yield from (f"There is no filter “{name}”." for name in _FILTER.findall(code) if name not in FILTERS)
    yield from (f"There is no test “{name}”." for name in _TEST.findall(code) if name not in TESTS)


def _engine_faults(where: str, source: str, known: set[str]) -> list[Fault]:
    """Its syntax, and the names that it uses without their being declared."""
    try:
        names = environment().undeclared_variables_in_str(source)
    except TemplateError as error:
        return [Fault(f"{where}, line {error.line}", f"This cannot be read: {error.detail or error.message}.")]
    return [
        Fault(f"{where}, line {_line_of(name, source)}", f"“{name}” is not declared as a variable.")
        for name in sorted(names - known - FUNCTIONS)
    ]


def _line_of(name: str, source: str) -> int:
    word = re.compile(rf"\b{re.escape(name)}\b")
    first = next((match.start() for match in placeholders.find(source) if word.search(match[0])), 0)
    return source.count("\n", 0, first) + 1
