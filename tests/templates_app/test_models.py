import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError

from templates_app.models import Template, TemplateVersion
from tests.templates_app.factories import make_template, make_version

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("field", ["number", "content", "variables", "source", "content_hash", "published_at"])
def test_a_version_cannot_be_changed_by_anybody(field):
    version = make_version()

    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        TemplateVersion.objects.filter(pk=version.pk).update(**{field: getattr(version, field)})


def test_saving_a_version_again_is_refused():
    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        make_version().save()


def test_a_version_outlives_who_published_it():
    version = make_version()
    user = User.objects.create(username="ana")
    TemplateVersion.objects.filter(pk=version.pk).update(published_by=user)

    user.delete()

    version.refresh_from_db()
    assert version.published_by is None


def test_version_numbers_are_unique_within_a_template():
    version = make_version()

    with pytest.raises(IntegrityError), transaction.atomic():
        TemplateVersion.objects.create(
            template=version.template, number=version.number, content={}, variables=[], source={}, content_hash="x"
        )


def test_the_live_version_cannot_be_deleted_but_goes_with_its_template():
    template = make_template()
    template.live_version = make_version(template)
    template.save()

    with pytest.raises((ProtectedError, RestrictedError)):
        template.live_version.delete()
    template.delete()

    assert not Template.objects.exists()
    assert not TemplateVersion.objects.exists()


@pytest.mark.parametrize("names", [{"variants": {"language": ""}}, {"variables": {"name": "total"}}])
def test_a_language_or_a_variable_is_there_once(names):
    template = make_template(names="total")
    [(rows, fields)] = names.items()

    with pytest.raises(IntegrityError), transaction.atomic():
        getattr(template, rows).create(**fields)
