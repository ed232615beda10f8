import pytest
from django import forms

from automation.admin.json_field import JsonField, RuleField


class Form(forms.Form):
    attributes = JsonField()
    rule = RuleField()


def complaints(**typed: str) -> dict[str, list[str]]:
    return {name: [str(error) for error in errors] for name, errors in Form(typed).errors.items()}


def test_left_empty_it_is_an_empty_object():
    form = Form({"attributes": " ", "rule": ""})

    assert form.is_valid()
    assert form.cleaned_data == {"attributes": {}, "rule": {}}


def test_json_that_cannot_be_read_is_told_by_its_line():
    typed = '{\n  "plan": "pro",\n  "total" 5\n}'

    assert complaints(attributes=typed) == {"attributes": ["Line 3, column 11: Expecting ':' delimiter."]}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("[]", "Expected an object."),
        ("5", "Expected an object."),
        ('{"a": "\\u0000"}', "At /a: The character U+0000 cannot be kept."),
        ('{"a": "\\ud800"}', "surrogate"),
        ('{"a": NaN}', "malformed"),
        ('{"a": 1e999}', "number"),
        ('{"a": 1, "a": 2}', "“a” appears twice"),
        ('{"a": ' + "[" * 5000 + "]" * 5000 + "}", "nested"),
        ('{"a": ' + "9" * 5000 + "}", "number"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(typed, said):
    [complaint] = complaints(attributes=typed)["attributes"]

    assert said in complaint


def test_what_was_typed_is_shown_again_as_it_was_typed():
    typed = '{"a":   1,}'

    assert typed in Form({"attributes": typed})["attributes"].as_widget().replace("&quot;", '"')


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('{"field": "contact.email", "op": "like", "value": 1}', "At “op”: Expected one of eq, ne"),
        (
            '{"all": [{"field": "contact.email", "op": "in", "value": 1}]}',
            "At “all” → 1. → “value”: “in” expects a list",
        ),
        ('{"all": []}', "At “all”: Expected a list of at least one rule."),
        ('{"fields": 1}', "Unknown: fields."),
    ],
)
def test_a_rule_is_told_where_it_is_wrong(rule, said):
    [complaint] = complaints(rule=rule)["rule"]

    assert complaint.startswith(said)


def test_a_rule_is_shown_as_people_write_it():
    stored = {"all": [{"op": "gte", "field": "event.payload.total", "value": {"op": 1}}]}

    shown = RuleField().prepare_value(stored)

    assert shown.index("field") < shown.index("op") < shown.index("value")
    assert '"gte"' in shown


def test_texts_of_other_alphabets_stay_readable():
    assert JsonField().prepare_value({"city": "Łódź"}) == '{\n  "city": "Łódź"\n}'
