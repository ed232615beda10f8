"""Retention of imports and strikes; what they led to stays."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from suppression.lists.models import Chunk, ListImport
from suppression.models import Reason, Strike, Suppression
from suppression.retain import retain
from tests.suppression.factories import ANA, make_suppression

pytestmark = pytest.mark.django_db

OLD, YOUNG = timedelta(days=91), timedelta(days=89)


@pytest.fixture(autouse=True)
def keep(settings):
    settings.KEEP = {**settings.KEEP, "lists": timedelta(days=90), "strikes": timedelta(days=90)}


def make_list(*, age: timedelta, is_read: bool = True, done: bool = True) -> ListImport:
    at = timezone.now() - age
    made = ListImport.objects.create(name="old shop", format="plain", created_at=at, is_read=is_read)
    Chunk.objects.create(list_import=made, first_row=1, size=1, done_at=at if done else None)
    return made


@pytest.mark.parametrize(
    ("age", "is_read", "done", "stays"),
    [
        (OLD, True, True, False),
        (OLD, True, False, True),  # It waits to be taken in.
        (OLD, False, False, False),  # It could not be read to its end.
        (YOUNG, True, True, True),
    ],
)
def test_imports_that_are_over_go_with_their_chunks(age, is_read, done, stays):
    make_list(age=age, is_read=is_read, done=done)

    retain()

    assert ListImport.objects.exists() == Chunk.objects.exists() == stays


@pytest.mark.parametrize(("age", "stays"), [(OLD, False), (YOUNG, True)])
def test_strikes_that_are_over_go(age, stays):
    Strike.objects.create(
        address_hash=ANA, reason=Reason.SOFT_BOUNCES, mail=uuid4(), at=timezone.now() - age
    )  # fmt: skip

    retain()

    assert Strike.objects.exists() == stays


def test_opt_outs_stay_however_old():
    make_suppression(reason=Reason.UNSUBSCRIBED)
    Suppression.objects.update(created_at=timezone.now() - timedelta(days=4000))

    retain()

    assert Suppression.objects.exists()
