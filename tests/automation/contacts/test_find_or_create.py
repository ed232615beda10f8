"""Contacts of events."""

import pytest
from django.utils import timezone

from automation.contacts.find_or_create import find_or_create
from automation.models import Contact
from tests.factories import make_contact

pytestmark = pytest.mark.django_db


def test_known_contacts_are_found_and_others_made():
    ana = make_contact(external_id="ana", email="ana@example.com")

    found = find_or_create(["ben", "ana", "ben"], at=timezone.now())

    assert found == {"ana": ana.pk, "ben": Contact.objects.get(external_id="ben").pk}
    ana.refresh_from_db()
    assert ana.email == "ana@example.com"


def test_a_new_contact_is_empty():
    find_or_create(["ben"], at=timezone.now())

    ben = Contact.objects.get()
    assert ben.facts() == {
        "external_id": "ben", "email": "", "attributes": {}, "time_zone": "", "language": "", "region": "",
    }  # fmt: skip


@pytest.mark.parametrize("size", [1, 500])
def test_the_number_of_statements_does_not_depend_on_how_many(size, django_assert_num_queries):
    ids = [f"{n}" for n in range(size)]

    with django_assert_num_queries(2):
        find_or_create(ids, at=timezone.now())
    with django_assert_num_queries(1):
        find_or_create(ids, at=timezone.now())
    with django_assert_num_queries(0):
        find_or_create([], at=timezone.now())
