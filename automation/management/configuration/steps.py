"""Steps as marketers would note them down, and the draft steps that these are. Each kind of step says its own shape."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Union

from msgspec import Struct, defstruct, field

from automation.core.json import JsonObject
from automation.flows.steps import KINDS, Field, StepKind, Type
from automation.flows.steps.options import NEXT

_TYPES: dict[Type, Any] = {
    Type.DURATION: timedelta,
    Type.RULE: JsonObject,
    Type.WEEKDAYS: list[int],
    Type.WHOLE: int,
    Type.NAMES: list[str],
    Type.PAIRS: JsonObject,
}
_EMPTY: dict[Type, Any] = {Type.DURATION: None, Type.RULE: {}, Type.WEEKDAYS: [], Type.NAMES: [], Type.PAIRS: {}}


def step_keys(steps: Sequence[Struct]) -> list[str]:
    """A key for each step: its own, or one made from what it does, numbered where that repeats.

    Made keys hold no positions, so that most stay what they are when other steps come and go: whatever is counted by
    step goes on being counted.
    """
    given = [_given(step) for step in steps]
    taken = {one["key"] for one in given if one["key"]}
    made: Counter[str] = Counter()
    keys = []
    for step, one in zip(steps, given, strict=True):
        key, name = one["key"], _name(step)
        while not key or (key in taken and not one["key"]):
            made[name] += 1
            key = name if made[name] == 1 else f"{name}-{made[name]}"
        keys.append(key)
    return keys


def template_of(step: Struct) -> str | None:
    """The key of the template that it mails, and None for a step that mails nothing."""
    bare = kind_of(step).bare
    return str(_given(step)[bare.said]) if bare and bare.type is Type.TEMPLATE else None


def step_fields(step: Struct) -> JsonObject:
    """The columns of `step`, but for those that say which it is and what it mails."""
    kind = kind_of(step)
    given = _given(step)
    said = {one.name: given.get(one.said) for one in kind.fields if one.type is not Type.TEMPLATE}
    own = {name for name in said if not _field(kind, name).is_column}
    empty: JsonObject = {"wait_for": None, "rule": {}, "next_key": "", "else_key": ""}
    options = {name: said[name] for name in own if said[name] not in (None, "", [], {})}
    return {"kind": kind.name, **empty, **{name: said[name] for name in said if name not in own}, "options": options}


def kind_of(step: Struct) -> StepKind:
    return KINDS[type(step).__name__]


def _given(step: Struct) -> JsonObject:
    """What the file says, by the names that it has there."""
    kind = kind_of(step)
    outer: JsonObject = {name: getattr(step, name) for name in step.__struct_fields__}
    own = outer.pop("own")
    inner = (
        {kind.bare.said: own}
        if kind.bare
        else {_said(n): getattr(own, n) for n in own.__struct_fields__}
        if own
        else {}
    )
    return {**outer, **inner}


def _said(name: str) -> str:
    """Words of Python's own end with an underscore."""
    return name.removesuffix("_")


def _name(step: Struct) -> str:
    template = template_of(step)
    return f"send-{template}".lower() if template is not None else kind_of(step).name


def _field(kind: StepKind, name: str) -> Field:
    return next(one for one in kind.fields if one.name == name)


def _shape(kind: StepKind) -> type[Struct]:
    """`{<kind>: value or object, key: …}`, with `next` beside the kind where the value is a bare one."""
    own: Any = None
    if kind.bare:
        own = _TYPES.get(kind.bare.type, str)
    elif kind.fields:
        own = defstruct("own", [_member(one) for one in kind.fields], rename=_said, kw_only=True)
    outer: list[Any] = [("own", own, field(name=kind.name)), ("key", str, "")]
    return defstruct(kind.name, outer + ([("next", str, "")] if kind.bare and NEXT in kind.fields else []))


def _member(one: Field) -> Any:
    name, kind = f"{one.said}_", _TYPES.get(one.type, str)
    if one.required:
        return name, kind
    if one.type is Type.WHOLE:
        return name, int | None, None
    return name, kind, field(default=_EMPTY.get(one.type, ""))


SHAPES = tuple(_shape(kind) for kind in KINDS.values())
if TYPE_CHECKING:
    Step = Struct
else:
    Step = Union[SHAPES]  # noqa: UP007  # As many as there are kinds.
