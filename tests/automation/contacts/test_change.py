"""What a flow changes of a contact."""

import pytest

from automation.contacts.change import LARGEST, changed

ANA = {"language": "pt", "region": "EU", "time_zone": "", "attributes": {"plan": "free", "orders": 2, "coupon": "x"}}


def change(**parts):
    return {"set": {}, "add": {}, "remove": [], **parts}


@pytest.mark.parametrize(
    ("asked", "attributes"),
    [
        (change(set={"plan": "pro"}), {"plan": "pro", "orders": 2, "coupon": "x"}),
        (change(add={"orders": 1}), {"plan": "free", "orders": 3, "coupon": "x"}),
        (change(add={"visits": 1}), {"plan": "free", "orders": 2, "coupon": "x", "visits": 1}),
        (change(add={"plan": 1}), {"plan": 1, "orders": 2, "coupon": "x"}),
        (change(remove=["coupon", "unknown"]), {"plan": "free", "orders": 2}),
        (change(add={"orders": LARGEST}), {"plan": "free", "orders": LARGEST, "coupon": "x"}),
    ],
)
def test_attributes_are_set_added_to_and_removed(asked, attributes):
    assert changed(ANA, asked) == {"attributes": attributes}


def test_columns_are_read_as_the_api_reads_them():
    assert changed(ANA, change(set={"language": "de-at", "region": "at"})) == {
        "attributes": ANA["attributes"], "language": "de-AT", "region": "AT",
    }  # fmt: skip


def test_what_was_there_is_left_alone():
    changed(ANA, change(set={"plan": "pro"}, remove=["coupon"]))

    assert ANA["attributes"] == {"plan": "free", "orders": 2, "coupon": "x"}
