"""Ids that we make ourselves."""

from uuid import UUID

from automation.core.ids import new_id


def test_ids_are_uuids_of_version_7_that_sort_by_time_and_never_repeat():
    ids = [new_id() for _ in range(1_000)]

    assert all(type(one) is UUID and one.version == 7 for one in ids)
    assert ids == sorted(set(ids))
