"""The reader at every door. What each fault looks like over HTTP: tests/automation/api/test_bad_input.py."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.core.faults import Refused
from automation.core.strict_json import MAX_DEPTH, MAX_NUMBER, parse_object

few = settings(max_examples=50, deadline=None)
names = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
leaves = st.none() | st.booleans() | st.integers(-MAX_NUMBER, MAX_NUMBER) | st.floats(-1e18, 1e18) | names
trees = st.recursive(leaves, lambda below: st.lists(below) | st.dictionaries(names, below), max_leaves=20)
objects = st.dictionaries(names, trees)


@few
@given(tree=objects, ascii_only=st.booleans(), indent=st.none() | st.integers(0, 3))
def test_what_can_be_kept_is_read_as_any_other_reader_would(tree, ascii_only, indent):
    raw = json.dumps(tree, ensure_ascii=ascii_only, indent=indent).encode()

    assert parse_object(raw) == tree


def escaped(text: str) -> str:
    """As JSON, each UTF-16 unit of it written as an escape."""
    units = text.encode("utf-16-be")
    return '"' + "".join(f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2)) + '"'


writings = st.sampled_from([json.dumps, escaped])


@few
@given(tree=trees, key=names, value=names, write_key=writings, write_value=writings)
def test_a_key_given_twice_is_found_however_it_and_its_colons_are_written(tree, key, value, write_key, write_value):
    twice = f"{{{json.dumps(key)}: 1, {write_key(key)}: {write_value(value)}}}"

    with pytest.raises(Refused, match="duplicate_key"):
        parse_object(f'{{"tree": {json.dumps(tree)}, "list": [{twice}]}}'.encode())


def test_the_deepest_that_is_taken():
    def nested(levels):
        return ('{"a":' * levels + "1" + "}" * levels).encode()

    parse_object(nested(MAX_DEPTH))
    with pytest.raises(Refused, match="too_deep"):
        parse_object(nested(MAX_DEPTH + 1))


def test_all_faults_are_found_at_once():
    with pytest.raises(Refused) as refused:
        parse_object(b'{"a": "\\u0000", "b": [1e30, {"c": "\\u0000"}]}')

    assert [fault.pointer for fault in refused.value.faults] == ["/a", "/b/0", "/b/1/c"]
