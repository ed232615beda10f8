import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from suppression.models import Consent, Topic
from tests.suppression.factories import make_consent, make_suppression, make_topic

pytestmark = pytest.mark.django_db


def test_a_line_of_the_ledger_cannot_be_changed() -> None:
    line = make_consent(topic=make_topic())

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Consent.objects.filter(pk=line.pk).update(decision="withdrawn")

    line.refresh_from_db()
    assert line.decision == "granted"


def test_a_line_of_the_ledger_cannot_be_deleted() -> None:
    line = make_consent(topic=make_topic())

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        line.delete()

    assert Consent.objects.exists()


def test_erasing_personal_data_is_the_one_exception() -> None:
    line = make_consent(topic=make_topic(), user_agent="a browser")

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL signalpost.erasing = 'on'")
    Consent.objects.filter(pk=line.pk).update(user_agent="")
    changed = Consent.objects.get()
    Consent.objects.all().delete()

    assert changed.user_agent == ""
    assert not Consent.objects.exists()


def test_a_grant_names_its_topic() -> None:
    with pytest.raises(IntegrityError, match="consent_specific"):
        make_consent(topic=None)


@pytest.mark.parametrize("make", [make_suppression, make_consent])
def test_a_topic_that_somebody_spoke_of_cannot_be_deleted(make) -> None:
    topic = make_topic()
    make(topic_id=topic.pk)

    with pytest.raises(ProtectedError):
        topic.delete()

    assert Topic.objects.exists()


def test_the_key_of_a_topic_is_taken_once() -> None:
    make_topic(key="offers")

    with pytest.raises(IntegrityError, match="topic_key"):
        make_topic(key="offers")
