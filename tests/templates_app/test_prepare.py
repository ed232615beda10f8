from templates_app.prepare import prepare
from tests.templates_app.factories import make_draft, make_parts


def test_a_draft_that_is_not_right_is_not_compiled():
    prepared = prepare(make_draft("{{ name }}"), {})

    assert prepared.faults
    assert not prepared.content
    assert not prepared.renderings


def test_every_language_is_compiled_and_tried():
    languages = {"": make_parts(subject="Hi {{ name }}"), "pt": make_parts(subject="Olá {{ name }}")}

    prepared = prepare(make_draft(names="name", languages=languages), {"name": "Ana"})

    assert prepared.faults == []
    assert set(prepared.content) == {"", "pt"}
    assert {language: mail.subject for language, mail in prepared.renderings.items()} == {"": "Hi Ana", "pt": "Olá Ana"}


def test_what_fails_with_the_samples_is_a_fault():
    prepared = prepare(make_draft("{{ total | fixed }}", names="total"), {"total": "ten"})

    assert [str(fault) for fault in prepared.faults] == [
        "default: With the sample values: The html fails: InvalidOperation."
    ]


def test_without_a_sample_a_language_is_not_tried():
    prepared = prepare(make_draft("{{ total | fixed }}", names="total"), {})

    assert prepared.faults == []
    assert prepared.renderings == {}


def test_a_variable_that_is_not_used_needs_no_sample():
    assert "" in prepare(make_draft("<p>x</p>", names="total"), {}).renderings


def test_a_compile_error_of_each_language_is_told():
    languages = {"": make_parts(html="<p {{ a }}>"), "pt": make_parts(html="<p {{ a }}>")}

    prepared = prepare(make_draft(names="a", languages=languages), {})

    assert [fault.where for fault in prepared.faults] == ["default, html", "pt, html"]


def test_advice_is_given_beside_a_mail_that_works():
    prepared = prepare(make_draft('<a href="www.example.com">x</a>'), {})

    assert prepared.faults == []
    assert any("https://" in fault.message for fault in prepared.warnings)
