"""Contacts of events."""

import pytest
from django.utils import timezone

from automation.contacts.create_missing import create_missing
from automation.models import Contact
from tests.factories import make_contact

pytestmark = pytest.mark.django_db


def test_only_those_that_are_missing_are_made():
    ana = make_contact(external_id="ana", email="ana@example.com")

    create_missing(["ben", "ana", "ben"], at=timezone.now())

    assert set(Contact.objects.values_list("external_id", flat=True)) == {"ana", "ben"}
    ana.refresh_from_db()
    assert ana.email == "ana@example.com"


def test_a_new_contact_is_empty():
    create_missing(["ben"], at=timezone.now())

    ben = Contact.objects.get()
    assert ben.facts() == {
        "external_id": "ben", "email": "", "attributes": {}, "time_zone": "", "language": "", "region": "",
    }  # fmt: skip


@pytest.mark.parametrize("size", [1, 500])
def test_the_number_of_statements_does_not_depend_on_how_many(size, django_assert_num_queries):
    ids = [f"{n}" for n in range(size)]

    with django_assert_num_queries(2):
        create_missing(ids, at=timezone.now())
    with django_assert_num_queries(1):
        create_missing(ids, at=timezone.now())
