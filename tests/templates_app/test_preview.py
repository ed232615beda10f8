import pytest

from templates_app.models import TemplateVersion
from templates_app.preview import preview, preview_version
from templates_app.publish import publish
from tests.templates_app.factories import make_template, make_version

pytestmark = pytest.mark.django_db


def test_a_draft_is_shown_with_its_samples_and_nothing_is_written():
    template = make_template(subject="Hi {{ name }}", html="<p>{{ unsubscribe_url }}</p>", names="name")
    template.variables.update(sample="Ana")

    shown = preview(template=template)

    assert shown.rendering is not None
    assert shown.rendering.subject == "Hi Ana"
    assert "https://example.com/unsubscribe" in shown.rendering.html
    assert not TemplateVersion.objects.exists()


def test_values_come_before_samples_and_samples_before_defaults():
    template = make_template(subject="{{ a }} {{ b }} {{ c }}", names="a b c")
    template.variables.update(sample="sample", default="default", missing="default")
    template.variables.filter(name="c").update(sample=None)

    shown = preview(template=template, values={"a": "value"})

    assert shown.rendering is not None
    assert shown.rendering.subject == "value sample default"


def test_each_language_is_shown_by_itself():
    template = make_template(subject="Hello", languages={"pt": {"subject": "Olá"}})

    shown = preview(template=template, language="pt")

    assert shown.rendering is not None
    assert shown.rendering.subject == "Olá"


@pytest.mark.parametrize(
    ("draft", "fault"),
    [
        ({"subject": "{{ a }}"}, "“a” is not declared"),
        ({"subject": "{{ a }}", "names": "a"}, "Give every variable a sample value"),
    ],
)
def test_what_cannot_be_shown_says_why(draft, fault):
    shown = preview(template=make_template(**draft))

    assert shown.rendering is None
    assert fault in shown.faults[0].message


def test_whether_the_draft_is_live_is_told():
    template = make_template()
    assert not preview(template=template).is_live

    publish(template=template)
    assert preview(template=template).is_live

    template.variants.update(subject="New")
    shown = preview(template=template)
    assert not shown.is_live
    publish(template=template, seen=shown.draft)


def test_a_version_is_shown_with_the_samples_of_today():
    template = make_template(subject="Hi {{ name }}", names="name")
    version = make_version(template)
    template.variables.update(sample="Ana")

    shown = preview_version(version=version)

    assert shown.rendering is not None
    assert shown.rendering.subject == "Hi Ana"


def test_a_version_that_its_samples_do_not_fit_says_so():
    version = make_version(html="{{ total | fixed }}", names="total")

    shown = preview_version(version=version)

    assert shown.rendering is None
    assert "html fails" in shown.faults[0].message
