import pytest

from automation.management.configuration.faults import ConfigurationInvalid, Faults
from automation.management.configuration.source import read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no: [yes, on, off]", {"no": ["yes", "on", "off"]}),
        ("at: 2026-03-01", {"at": "2026-03-01"}),
        ("wait: 1:30", {"wait": "1:30"}),
        ("code: 0815", {"code": "0815"}),
        ("404: x", {"404": "x"}),
        ("[1, -2, 1.5, 1e3, true, null, ~]", [1, -2, 1.5, 1000.0, True, None, None]),
    ],
)
def test_words_mean_what_json_would_have_them_mean(text, value):
    assert read_yaml(text, Faults()) == value


def test_every_value_remembers_its_line():
    faults = Faults()

    read_yaml("topics:\n  offers:\n    name: Offers\nflows:\n  - a\n  - b\n", faults)

    assert faults.lines[("topics", "offers", "name")] == 3
    assert faults.lines[("flows", 1)] == 6


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: [", 2, "not YAML"),
        ("a: 1\na: 2", 2, "stands here twice"),
        ("a: 1\nb: !!python/object:os.system {}\nc: !shell ls", 3, "not YAML"),
        ("a: 1\n---\nb: 2", 2, "not YAML"),
        ("a: 1\nb: *nobody", 2, "not YAML"),
        ("? [a]\n: 1", 1, "Expected a name"),
        ("a: &a [*a]", 1, "nested too deeply"),
        ('a:\n  b: "\\0"', 2, "cannot be stored"),
        ('a: "\\uD800"', 1, "cannot be stored"),
        ("a: \x00", 1, "not YAML"),
        ("a: 1\nb: 1e999", 2, "too large"),
        (f"a: {'9' * 5000}", 1, "too large"),
        ("a: !!timestamp 2026-03-01", 1, "Expected a text"),
        ("a: !!binary aGk=", 1, "Expected a text"),
    ],
)
def test_what_cannot_be_read_is_a_fault_at_its_line(text, line, message):
    faults = Faults()

    read_yaml(text, faults)

    with pytest.raises(ConfigurationInvalid) as raised:
        faults.raise_if_any()
    assert (raised.value.faults[0].line, message in raised.value.faults[0].message) == (line, True)
