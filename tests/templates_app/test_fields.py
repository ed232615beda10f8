import pytest
from django.core.exceptions import ValidationError

from templates_app.fields import LooseJSONField


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("Ana", "Ana"),
        ("49.9", 49.9),
        ('"49.9"', "49.9"),
        ("true", True),
        ('[{"name": "Hat"}]', [{"name": "Hat"}]),
        ("[broken", "[broken"),
        ("007", "007"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ("", None),
        ("[" * 9_000, "[" * 9_000),
        ("Olá “x”", "Olá “x”"),
    ],
)
def test_what_is_typed_is_understood_and_shown_again(typed, value):
    field = LooseJSONField(required=False)

    assert field.clean(typed) == value
    assert field.clean(field.prepare_value(value)) == value
    assert field.bound_data(typed, None) == value


@pytest.mark.parametrize("typed", ["a\0b", '"a\\u0000b"', '{"a": ["\\u0000"]}'])
def test_null_characters_are_refused(typed):
    field = LooseJSONField(required=False)

    with pytest.raises(ValidationError):
        field.clean(typed)
    assert field.prepare_value(field.bound_data(typed, None))  # Shown again, to be corrected.


def test_a_value_that_stays_has_not_changed():
    field = LooseJSONField(required=False)

    assert not field.has_changed("Ana", "Ana")
    assert not field.has_changed(49.9, "49.90")
    assert field.has_changed("Ana", "Ben")
