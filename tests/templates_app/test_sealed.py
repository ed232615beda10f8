from datetime import date
from decimal import Decimal

import pytest
from django.utils.safestring import mark_safe

from templates_app.engine import environment
from templates_app.sealed import seal


def show(source, **values):
    return environment().render_str(source, **{name: seal(value) for name, value in values.items()})


CART = {
    "id": 7,
    "note": None,
    "items": [{"name": "Hat", "price": 3}, {"name": "Shoe", "price": 1.5}],
    "tags": ["a", "b"],
}


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ cart.id }} {{ cart['id'] }}", "7 7"),
        ("{% for item in cart.items %}{{ loop.index }}{{ item.name }}{% endfor %}", "1Hat2Shoe"),
        ("{{ cart.items | sort(attribute='price') | map(attribute='name') | join(',') }}", "Shoe,Hat"),
        ("{{ cart.items | sum(attribute='price') }} {{ cart.items | length }}", "4.5 2"),
        ("{{ cart.tags[0] }}{{ cart.tags[-1] }}{{ cart.tags | first }}{{ cart.tags | last }}", "abab"),
        ("{{ 'a' in cart.tags }} {{ 'id' in cart }} {{ cart.tags == ['a', 'b'] }}", "True True True"),
        ("{% for tag in cart.tags[1:] | reverse %}{{ tag }}{% endfor %}", "b"),
        ("{% if cart.note %}x{% endif %}{{ cart.note | default('none') }}", "none"),
        ("{% if cart.absent %}x{% endif %}{{ cart.absent is defined }}", "False"),
        ("{{ cart.tags }}", "['a', 'b']"),
        ("{% for key in cart %}{{ key }} {% endfor %}", "id items tags "),
        ("{{ cart.items[0] }}", "{'name': 'Hat', 'price': 3}"),
    ],
)
def test_templates_reach_keys_and_items(source, shown):
    assert show(source, cart=CART) == shown


@pytest.mark.parametrize("empty", [{}, [], "", 0, False, None])
def test_what_is_empty_is_false(empty):
    assert show("{% if x %}yes{% else %}no{% endif %}", x=empty) == "no"


@pytest.mark.parametrize(
    "source",
    [
        "{{ cart.keys }}",
        "{{ cart.clear() }}",
        "{{ cart.tags.append('c') }}",
        "{{ cart.tags.count }}",
        "{{ cart._tree }}",
        "{{ cart.__class__ }}",
        "{{ cart['__class__'] }}",
        "{{ cart.tags.__class__.__mro__ }}",
        "{{ cart.id.real }}",
        "{{ 'x'.upper() }}",
    ],
)
def test_nothing_of_python_is_reached(source):
    before = repr(CART)

    with pytest.raises((RuntimeError, AttributeError)):
        show(source, cart=CART)
    assert repr(CART) == before


def test_a_key_that_is_named_like_a_method_is_a_key():
    assert show("{{ cart.clear }}{{ cart.items }}", cart={"clear": 1, "items": 2}) == "12"


@pytest.mark.parametrize("value", [date(2030, 1, 1), Decimal("1.5"), (1,), {1}, object(), b"x", mark_safe("<b>")])
def test_only_json_values_are_sealed(value):
    with pytest.raises(TypeError, match="not a JSON value"):
        seal(value)
    with pytest.raises(TypeError, match="not a JSON value"):
        seal({"a": [value]})
