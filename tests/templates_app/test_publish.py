from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from templates_app.drafts import draft_of
from templates_app.faults import TemplateInvalid
from templates_app.models import Block, Template, TemplateVersion
from templates_app.publish import publish
from templates_app.render import render
from tests.templates_app.factories import make_template

pytestmark = pytest.mark.django_db


def test_the_draft_becomes_the_live_version():
    ana = User.objects.create(username="ana")
    template = make_template(subject="Hi {{ name }}", names="name", languages={"pt": {"subject": "Olá"}})

    version = publish(template=template, by=ana)

    assert Template.objects.get().live_version == template.live_version == version
    assert (version.number, version.published_by) == (1, ana)
    assert version.variables == [{"name": "name", "path": "event.payload.name", "missing": "skip", "default": ""}]
    assert render(version=version, language="pt-BR", values={}).subject == "Olá"


def test_what_is_read_back_is_what_was_returned():
    version = publish(template=make_template(names="name"))

    read = TemplateVersion.objects.get()
    assert (read.content, read.variables, read.source) == (version.content, version.variables, version.source)


def test_publishing_an_unchanged_draft_changes_nothing(monkeypatch):
    template = make_template()
    first = publish(template=template)
    monkeypatch.setattr("templates_app.publish.prepare_apart", lambda *args: pytest.fail("It was compiled again."))

    assert publish(template=template) == first
    assert publish(template=Template.objects.get()) == first
    assert TemplateVersion.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda template: template.variants.update(subject="New"),
        lambda template: template.variants.update(text="New"),
        lambda template: template.variants.create(language="pt", subject="x", html="x"),
        lambda template: template.variables.update(missing="refuse"),
        lambda template: template.variables.update(default="x"),
        lambda template: template.variables.create(name="other", path="contact.email"),
        lambda template: Block.objects.update(source="<p>new</p>"),
    ],
)
def test_any_change_makes_a_new_version_and_leaves_the_old(change):
    Block.objects.create(key="foot", source="<p>old</p>")
    template = make_template(html="{% include 'foot' %}", names="name")
    old = publish(template=template)
    before = TemplateVersion.objects.get()

    change(template)
    new = publish(template=template)

    assert (new.number, template.live_version) == (2, new)
    old.refresh_from_db()
    assert (old.content, old.variables) == (before.content, before.variables)


@pytest.mark.parametrize(
    "change",
    [
        lambda template: template.variables.update(sample="x"),
        lambda template: Block.objects.create(key="other", source="x"),
        lambda template: Template.objects.update(name="Other", description="Other"),
    ],
)
def test_what_is_not_part_of_the_mail_makes_no_version(change):
    template = make_template(names="name")
    first = publish(template=template)

    change(template)

    assert publish(template=template) == first


def test_a_version_needs_its_blocks_no_more():
    Block.objects.create(key="foot", source="<p>foot</p>")
    version = publish(template=make_template(html="{% include 'foot' %}"))

    Block.objects.all().delete()

    assert "<p>foot</p>" in render(version=version, language="", values={}).html


def test_a_draft_with_faults_is_not_published():
    template = make_template(subject="{{ a }}", html="{{ b }}")

    with pytest.raises(TemplateInvalid) as invalid:
        publish(template=template)

    assert [fault.where for fault in invalid.value.faults] == ["default, subject, line 1", "default, html, line 1"]
    assert str(invalid.value).startswith("default, subject, line 1: “a” is not declared")
    assert not TemplateVersion.objects.exists()
    assert Template.objects.get().live_version is None


def test_samples_are_tried():
    template = make_template(html="{{ total | fixed }}", names="total")
    template.variables.update(sample="ten")

    with pytest.raises(TemplateInvalid, match="With the sample values"):
        publish(template=template)


def test_a_draft_that_changed_since_it_was_seen_is_not_published():
    template = make_template()
    seen = draft_of(template).content_hash()
    template.variants.update(subject="Other")

    with pytest.raises(TemplateInvalid, match="has changed since you looked"):
        publish(template=template, seen=seen)

    assert publish(template=template, seen=draft_of(template).content_hash()).number == 1


def test_going_back_to_an_older_draft_is_a_version_of_its_own():
    template = make_template(subject="A")
    publish(template=template)
    template.variants.update(subject="B")
    publish(template=template)
    template.variants.update(subject="A")

    assert publish(template=template).number == 3


def test_a_stale_template_does_not_hide_what_is_live():
    template = make_template(subject="A")
    publish(template=template)
    stale = Template.objects.select_related("live_version").get()
    template.variants.update(subject="B")
    publish(template=template)
    template.variants.update(subject="A")

    assert publish(template=stale).number == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_both_get_the_same_version():
    template = make_template()

    def publish_alone(pk):
        try:
            return publish(template=Template.objects.get(pk=pk)).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(publish_alone, [template.pk] * 2)

    assert first == second
    assert TemplateVersion.objects.count() == 1


def test_publishing_costs_the_same_queries_however_much_there_is():
    small = make_template()
    large = make_template(names="a b c", languages={"pt": {}, "de": {}, "fr": {}})

    with CaptureQueriesContext(connection) as few:
        publish(template=small)
    with CaptureQueriesContext(connection) as many:
        publish(template=large)

    assert len(many) == len(few)
