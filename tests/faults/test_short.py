"""A few of the fault cases, on one broker. `make faults` runs all of them on both."""

from collections.abc import Iterator

import pytest

from tests.faults.case import Case
from tests.faults.ground import Ground, open_ground
from tests.faults.suite import chosen, run

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with open_ground("redis") as ground:
        yield ground


@pytest.mark.parametrize("one", [pytest.param(one, id=one.name) for one in chosen("redis", None, short=True)])
def test_nothing_is_lost_and_nothing_is_sent_twice(ground: Ground, one: Case):
    row = run(one, ground)

    assert (row.lost, row.doubled) == (0, 0), row.remarks
    assert row.holds, row.remarks
