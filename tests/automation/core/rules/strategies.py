"""Random rules and facts: of few values, so that they meet, and of those apt to be taken for others."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from automation.core.rules import GROUPS, MAIL, OPERATORS
from automation.core.rules.check import TIMELESS

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)

# fmt: off
NUMBERS = [
    0, 1, -1, 50, 1.0, 0.5, 0.1, 0.1 + 0.2, 0.3, -0.0, 5e-324, 1e300, 10**300, 1e16, 2**53, 2**53 + 1, float(2**53),
    1.2345678901234567e18, 1234567890123456700, 1234567890123456768, 2**63 - 1, -(2.0**63),
]
TEXTS = [
    "", "a", "A", "ab", "aB", "b", "Z", "é", "e\u0301", "ß", "SS", "İ", "i", "\u0131", "Σ", "ς", "\ufb03", "\U0001f600",
    "1", "1.0", "01", "50", "0", "true", "false", "null", "None", "[]", '"a"', "\\", "%", "_", "{0}", "\n", "a\n", " ",
    "ana@example.com", "ana@EXAMPLE.com", "@example.com", "example.com", "a@b@mail.example.com", "a@ÉXAMPLE.com",
]
DATES = [
    "2026-03-01", "2026-02-28", "2026-02-29", "2024-02-29", "1900-02-29", "2000-02-29", "2026-02-30", "2026-04-31",
    "2026-03-01T12:00:00", "2026-03-01T12:00:00Z", "2026-03-01T13:00+01:00", "2026-03-01 12:00", "2026-03-01T12:00z",
    "2026-03-01T12:00:00.5Z", "2026-03-01T12:00:00.123456", "2026-03-01T12:00:00.1234567Z", "2026-03-01T24:00",
    "2026-03-01T12:00:60", "2026-03-01T12", "20260301", "2026-3-1", "01/03/2026", "now", "infinity", "0001-01-01",
    "9999-12-31T23:59:59-14:59", "1000-01-01T00:00+14:59", "2026-03-02T12:00+15:00", "2026-02-27T12:00:00-05:30",
    "2026-03-01T", "2026-03-01\n", "2026-03-01Z", "\uff12026-03-01", "2026-W09-7", "1/1/1 BC", "2026-03-31 12:00:00Z",
]
# fmt: on

SCALARS = [*NUMBERS, *TEXTS, *DATES, True, False]
# Whatever a field may hold that is apt to be taken for something else.
TELLING = [
    *SCALARS,
    None,
    [],
    {},
    *([one] for one in SCALARS),
    *({"x": one} for one in TEXTS),
    [["a"]],
    ["a", "b"],
    [None],
]

storable = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=4)
texts = st.sampled_from(TEXTS) | st.sampled_from(DATES) | storable
finite = st.floats(allow_nan=False, allow_infinity=False)
numbers = st.sampled_from(NUMBERS) | st.integers() | finite
scalars = st.booleans() | numbers | texts
keys = st.sampled_from(["x", "y", "", "0", "é"])
# Whatever PostgreSQL can keep.
kept = st.recursive(
    st.none() | scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)
# Whatever Python can hold: facts that never were in a database.
held = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5) | keys, inner, max_size=4),
    max_leaves=10,
)

# Of values in rules, by the shape that an operator takes.
VALUES: dict[str, list[Any]] = {
    "scalar": SCALARS,
    "scalars": [[1, "1"], ["a", True], [0.1, "é", False], ["50", 50], [""], [2**53, "2026-03-01"]],
    "orderable": [*NUMBERS, *TEXTS, *DATES],
    "range": [[0, 1], [0.1, 0.3], [2**53, 2**53 + 1], ["", "a"], ["1", "2"], ["a", "\U0001f600"], [-1, 1e300]],
    "text": [text for text in [*TEXTS, *DATES] if text],
    "domain": [
        *("example.com", "Example.COM", "com", "éxample.com", "mail.example.com"),
        *("exampl_.com", "%.com", "exampl\\e.com", "com\\"),
    ],
    "flag": [True, False],
    "instant": [
        *("2026-03-01", "2026-02-28T23:30:00-01:00", "2026-03-01T12:00Z", "2026-03-01 12:00:00.5", "2000-02-29"),
        *("9999-12-31T23:00-09:00", "1000-01-01T00:00+09:00"),
    ],
    "duration": [{"days": 1}, {"hours": 12}, {"weeks": 1, "minutes": 30}, {"days": 3660}],
}
by_shape = {name: st.sampled_from(values) for name, values in VALUES.items()} | {
    "scalar": scalars,
    "scalars": st.lists(scalars, min_size=1, max_size=3),
    "orderable": numbers | texts,
    "range": st.lists(numbers, min_size=2, max_size=2).map(sorted)
    | st.lists(texts, min_size=2, max_size=2).map(sorted),
    "text": texts.filter(bool),
}


def comparisons(paths, operators=OPERATORS):
    return st.sampled_from(sorted(operators)).flatmap(
        lambda op: st.fixed_dictionaries(
            {"field": paths, "op": st.just(op), "value": by_shape[OPERATORS[op].takes.name]}
        )
    )


def trees(leaves):
    return st.recursive(
        st.just({}) | leaves,
        lambda inner: st.builds(
            lambda group, children: {group: children},
            st.sampled_from(sorted(GROUPS)),
            st.lists(inner, min_size=1, max_size=3),
        ),
        max_leaves=8,
    )


WHERE = ["event.payload.x", "event.payload.x.y", "event.metadata.x", "event.occurred_at", "event.id", "event.x"]
COUNTS = st.integers(0, 4)
PERIODS = {
    "within": st.sampled_from([{"days": 1}, {"hours": 48}, {"days": 10}]),
    "since": st.sampled_from(["2026-02-28", "2026-02-27T12:00:00Z", "2026-03-01T13:00+01:00"]),
}


deeds = st.fixed_dictionaries(
    {"did": st.sampled_from(["Ordered", "Visited", "Unheard"])},
    optional={
        "at_least": COUNTS,
        "at_most": COUNTS,
        "where": trees(comparisons(st.sampled_from(WHERE), TIMELESS)),
        **PERIODS,
    },
).filter(lambda node: node.get("at_least", 0) <= node.get("at_most", 99))
mails = st.fixed_dictionaries(
    {"mail": st.sampled_from(sorted(MAIL))},
    optional={"template": st.sampled_from(["welcome", "bye"]), "at_least": COUNTS, **PERIODS},
)
questions = deeds | mails | st.fixed_dictionaries({"segment": st.sampled_from(["vip", "new"])})

SAID = ["did", "mail", "segment", "template", "at_least", "at_most", "within", "since", "where", "x"]
# As good as a rule, but for something: what people write, and what a form may send.
nearly_rules = st.recursive(
    held
    | st.fixed_dictionaries(
        {},
        optional={
            "field": st.sampled_from(["contact.x", "event.", "contact."]) | held,
            "op": st.sampled_from(sorted(OPERATORS)) | held,
            "value": held,
        },
    )
    | st.builds(
        lambda node, extra: {**node, **extra}, questions, st.dictionaries(st.sampled_from(SAID), held, max_size=1)
    ),
    lambda inner: st.dictionaries(st.sampled_from([*GROUPS, "field", "x"]), st.lists(inner, max_size=3) | inner),
    max_leaves=10,
)
