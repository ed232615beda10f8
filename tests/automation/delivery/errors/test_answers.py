"""Each provider's own rows, on what that provider really answers."""

from importlib import import_module

import pytest

from automation.delivery.errors.base import Row
from automation.delivery.errors.tables import ANSWERS
from automation.delivery.outcomes import Outcome
from automation.delivery.providers import Provider
from tests.automation.delivery.errors.conftest import AT
from tests.automation.delivery.stub_esp import answer

CASES = {one: import_module(f"tests.automation.delivery.errors.answers.{one}").CASES for one in Provider}


@pytest.mark.parametrize(
    ("provider", "case"),
    [pytest.param(one, case, id=f"{one}: {case.name}") for one, cases in CASES.items() for case in cases],
)
def test_a_providers_answer_has_its_outcome(result_of, provider, case):
    result = result_of(answer(case.status, case.body, **case.headers), provider=provider)

    assert (result.outcome, result.address_refused) == (case.outcome, case.address_refused)
    assert result.retry_at == (None if case.pause is None else AT + case.pause)
    assert "ana@" not in result.detail
    assert bool(result.advice) == (result.outcome is Outcome.ACCOUNT)


@pytest.mark.parametrize("provider", Provider)
def test_no_row_of_a_provider_is_without_such_an_answer(result_of, provider, monkeypatch):
    used = []
    fits = Row.fits

    def look(row, *args, **named):
        if fits(row, *args, **named):
            used.append(row)
            return True
        return False

    monkeypatch.setattr(Row, "fits", look)

    for case in CASES[provider]:
        result_of(answer(case.status, case.body, **case.headers), provider=provider)

    assert [row for row in ANSWERS[provider].rows if row not in used] == []


def test_what_stands_in_the_table_names_its_source():
    assert all(answers.source.startswith("https://") for answers in ANSWERS.values())
    assert set(ANSWERS) == set(Provider)
