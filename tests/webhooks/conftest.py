from collections.abc import Iterator

import pytest

from webhooks.door import forget_doors


@pytest.fixture(autouse=True)
def no_doors_of_other_tests() -> Iterator[None]:
    yield
    forget_doors()
