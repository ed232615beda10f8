from datetime import timedelta

import pytest
from django import forms

from automation.admin.fields import DurationField, LinesField


class Form(forms.Form):
    wait = DurationField()
    paths = LinesField()


@pytest.mark.parametrize(
    ("duration", "shown"),
    [
        (None, [None, "86400"]),
        (timedelta(days=3), [3, "86400"]),
        (timedelta(hours=36), [36, "3600"]),
        (timedelta(minutes=90), [90, "60"]),
        (timedelta(days=1, seconds=1), [86_401, "1"]),
    ],
)
def test_a_duration_is_shown_in_the_largest_unit_that_says_it_exactly(duration, shown):
    assert DurationField().widget.decompress(duration) == shown


@pytest.mark.parametrize(
    ("count", "unit", "expected"),
    [("3", "86400", timedelta(days=3)), ("0", "60", timedelta()), ("", "60", None), ("90", "1", timedelta(seconds=90))],
)
def test_a_duration_is_read(count, unit, expected):
    form = Form({"wait_0": count, "wait_1": unit})

    assert form.is_valid(), form.errors
    assert form.cleaned_data["wait"] == expected


@pytest.mark.parametrize(
    ("count", "unit"), [("-1", "60"), ("x", "60"), ("1.5", "60"), ("99999999", "86400"), ("3", "7")]
)
def test_a_duration_that_makes_no_sense_is_refused(count, unit):
    assert "wait" in Form({"wait_0": count, "wait_1": unit}).errors


def test_a_list_is_one_item_a_line():
    form = Form({"paths": " customer.phone \r\n\r\ncustomer.name\0\n"}, initial={"paths": ["customer.phone"]})

    assert form.is_valid()
    assert form.cleaned_data["paths"] == ["customer.phone", "customer.name"]
    assert form.has_changed()
    assert LinesField().prepare_value(["a", "b"]) == "a\nb"


def test_a_list_that_was_not_touched_has_not_changed():
    assert not Form({"paths": "a\nb"}, initial={"paths": ["a", "b"]}).has_changed()
