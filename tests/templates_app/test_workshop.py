import os
import sys

import pytest

from templates_app import workshop
from templates_app.prepare import prepare
from templates_app.workshop import prepare_apart
from tests.templates_app.factories import make_draft

GIVEN_UP = ["Compiling it took too much time or memory. Look for endless loops and for very deeply nested elements."]


def faults(draft):
    return [str(fault) for fault in prepare_apart(draft, {}).faults]


def test_the_child_does_what_would_be_done_here():
    draft = make_draft("<p>{{ name }}</p>", names="name", text="{{ name }}")
    samples = {"name": "Ana"}

    assert prepare_apart(draft, samples) == prepare(draft, samples)


def test_faults_come_back():
    assert faults(make_draft("{{ name }}")) == ["default, html, line 1: “name” is not declared as a variable."]


@pytest.mark.parametrize("mjml", [False, True])
def test_markup_that_crashes_the_compiler_is_a_fault(mjml):
    deep = "<div>" * 50_000
    source = f"<mjml><mj-body><mj-raw>{deep}{'</div>' * 50_000}</mj-raw></mj-body></mjml>" if mjml else deep

    assert faults(make_draft(source, mjml=mjml)) == GIVEN_UP


@pytest.mark.parametrize(
    "source",
    [
        "{% set a = [1] %}" + "{% set a = a + a %}" * 40 + "{{ a | length }}",
        "{% set a = [1] %}" + "{% set a = [a, a, a, a, a, a, a, a] %}" * 10 + "{{ a }}",
    ],
)
def test_a_template_that_eats_what_fuel_does_not_count_is_ended(source):
    assert faults(make_draft(source, text="x")) == GIVEN_UP


def test_a_mistake_of_ours_is_no_fault_of_the_draft(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(RuntimeError, match="Preparing a template failed"):
        prepare_apart(make_draft(), {})


def test_a_child_that_hangs_is_killed(monkeypatch):
    monkeypatch.setattr(workshop, "SECONDS", 0.001)

    assert faults(make_draft()) == GIVEN_UP


def test_the_child_is_given_no_secrets(tmp_path, monkeypatch):
    """A stand-in for the child tells what it was given."""
    told = tmp_path / "told"
    stand_in = tmp_path / "python"
    stand_in.write_text(f"#!/bin/sh\nenv > {told}\necho '{{}}'\n")
    stand_in.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(stand_in))

    prepare_apart(make_draft(), {})

    assert os.environ["SECRET_KEY"]
    assert "PYTHONPATH" in told.read_text()
    assert "SECRET" not in told.read_text()
    assert "DATABASE" not in told.read_text()
