import pytest

from webhooks.sandbox.mail import Event, addresses, asked_by, events_for, is_address


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ana@example.com", ["ana@example.com"]),
        ("Ana <ana@example.com>", ["ana@example.com"]),
        ("<ana@example.com>", ["ana@example.com"]),
        ('"Lovelace, Ada" <ada@example.com>, ben@example.com', ["ada@example.com", "ben@example.com"]),
        ("nonsense", ["nonsense"]),
        ("", []),
        (" ", []),
    ],
)
def test_bare_addresses_are_found_in_a_header(value, expected):
    assert addresses(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ana@example.com", True),
        ("ana@localhost", True),
        ("ana", False),
        ("@example.com", False),
        ("ana@", False),
        ("a b@example.com", False),
        ("a@b@c", False),
        ("ana@example.com\n", False),
    ],
)
def test_an_address_has_two_sides(value, expected):
    assert is_address(value) is expected


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("bounce@example.com", "bounce"),
        ("Bounce@example.com", "bounce"),
        ("bounce+1@example.com", "bounce"),
        ("bounce-17@example.com", "bounce"),
        ("bounce17@example.com", "bounce"),
        ("bouncer@example.com", ""),
        ("ana+bounce@example.com", ""),
        ("ana@bounce.example.com", ""),
    ],
)
def test_the_beginning_of_the_local_part_asks(address, asked):
    assert asked_by(address) == asked


def test_nothing_happens_to_a_mail_that_was_refused():
    assert events_for("refuse@example.com") == ()


def test_other_mail_is_delivered():
    assert events_for("ana@example.com") == (Event.DELIVERED,)
