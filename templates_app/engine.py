"""The engine that renders templates, behind one narrow door: how much of it they get, and in what bounds.

What bounds a hostile or mistaken template: it has no loader, no methods (see sealed.py), no way to switch escaping off,
and fuel, which minijinja charges for instructions and for text. Lists that a template builds by itself are not charged
(`[a, a, a] + a * 99999`): a draft that blows them up runs out of its child process's time when it is tried at
publishing, unless it hides that behind a condition. So whoever may publish is trusted not to attack the workers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from minijinja import Environment, TemplateError

from templates_app.draft import JSON, Parts
from templates_app.faults import RenderFailed
from templates_app.sealed import seal
from templates_app.vocabulary import FUNCTIONS, NO_FILTERS, NO_FUNCTIONS

# A mail with 300 rows needs 5,000. All of it burnt takes up to 10 ms. Lower, and long order lists fail.
FUEL = 20_000
# Far above what any inbox shows; without it a loop over a long list could queue mails that every ESP refuses.
MAX_CHARACTERS = 1_000_000

# C0, DEL, C1, and the two Unicode line ends: any of them in a header starts a new one somewhere on the way.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

# The engine escapes what a template named *.html prints, and nothing else.
_FILES = {"subject": "subject.txt", "preheader": "preheader.txt", "html": "body.html", "text": "body.txt"}
_WORDS = {
    "OutOfFuel": "it does too much work; is there a loop over too long a list?",
    "UndefinedError": "it uses a value that is not there; give it a default, such as {{ item.name | default('') }}",
}


@dataclass(frozen=True, slots=True)
class Rendering:
    """A mail's four texts. Subject and preheader are free of control characters."""

    subject: str
    preheader: str
    html: str
    text: str


def environment() -> Environment:
    """An engine that can do what this module's docstring says. Absent values fail to print, but may be tested for."""
    engine: Environment = Environment(
        debug=False,
        pycompat=False,
        fuel=FUEL,
        undefined_behavior="semi_strict",  # type: ignore[call-overload]  # Its stub does not know this one yet.
    )
    for name in NO_FILTERS:
        engine.remove_filter(name)
    for name in NO_FUNCTIONS:
        engine.remove_global(name)
    engine.add_filter("fixed", fixed)
    return engine


def fixed(number: JSON, digits: int = 2) -> str:
    """`{{ total | fixed }}`: a number with exactly so many digits after the point, rounded half up, as money is."""
    exact = Decimal(str(number)).quantize(Decimal(1).scaleb(-min(max(digits, 0), 9)), ROUND_HALF_UP)
    return f"{exact:f}"


class Mail:
    """One language of one version, compiled. Immutable and safe to share between threads."""

    def __init__(self, parts: Parts) -> None:
        """Raises minijinja's TemplateError when a part is no valid template; those of a published version are."""
        self._engine = environment()
        for part, file in _FILES.items():
            self._engine.add_template(file, parts[part])  # type: ignore[literal-required]
        self._in_headers = self.names("subject") | self.names("preheader")

    def names(self, part: str) -> set[str]:
        """The values that a part uses, those that it may use conditionally included."""
        return self._engine.undeclared_variables_in_template(_FILES[part]) - FUNCTIONS

    def render(self, values: Mapping[str, JSON]) -> Rendering:
        """Raises RenderFailed. Costs one pass per part; the same values give the same bytes."""
        for name in self._in_headers:
            _refuse_control_characters(values.get(name), f"the value of “{name}”")
        sealed = {name: _seal(name, value) for name, value in values.items()}
        rendering = Rendering(
            subject=self._render("subject", sealed).strip(),
            preheader=self._render("preheader", sealed).strip(),
            # The engine escapes slashes, too. That is needless, and hides addresses from the ESPs that count clicks.
            html=self._render("html", sealed).replace("&#x2f;", "/"),
            text=self._render("text", sealed).strip(),
        )
        _refuse_control_characters(rendering.subject, "the subject")
        _refuse_control_characters(rendering.preheader, "the preheader")
        if not rendering.subject:
            raise RenderFailed("The subject is empty.")
        return rendering

    def _render(self, part: str, values: Mapping[str, JSON]) -> str:
        # Python's own errors pass through the engine unchanged: an unknown method, a filter that cannot use its value.
        try:
            text = self._engine.render_template(_FILES[part], **values)
        except TemplateError as error:
            reason = _WORDS.get(error.kind) or error.detail or error.message
            raise RenderFailed(f"The {part} fails at line {error.line}: {reason}") from error
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise RenderFailed(f"The {part} fails: {type(error).__name__}.") from error
        if len(text) > MAX_CHARACTERS:
            raise RenderFailed(f"The {part} is longer than {MAX_CHARACTERS:,} characters.")
        return text


def _seal(name: str, value: JSON) -> JSON:
    try:
        return seal(value)
    except (TypeError, RecursionError) as error:
        raise RenderFailed(f"“{name}” is no JSON value, or too deep a one.") from error


def _refuse_control_characters(value: JSON, what: str) -> None:
    """Look at every text in `value`, keys included. Raises RenderFailed."""
    if isinstance(value, str):
        if CONTROL.search(value):
            raise RenderFailed(f"There is a line break or another control character in {what}.")
    elif isinstance(value, dict):
        for item in (*value, *value.values()):
            _refuse_control_characters(item, what)
    elif isinstance(value, list):
        for item in value:
            _refuse_control_characters(item, what)
