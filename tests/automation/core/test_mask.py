"""What is taken out of what is shown, and what is left."""

import pytest

from automation.core.mask import MASK, at_paths, seen

PAYLOAD = {"total": 5, "customer": {"phone": "1", "tier": "gold"}, "items": [{"note": "a"}, {"note": "b"}]}


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        ([], PAYLOAD),
        (["nothing.there"], PAYLOAD),
        (["total.deeper"], PAYLOAD),
        (["customer.phone"], {**PAYLOAD, "customer": {"phone": MASK, "tier": "gold"}}),
        (["customer"], {**PAYLOAD, "customer": MASK}),
        (["customer", "customer.phone"], {**PAYLOAD, "customer": MASK}),
        (["items.note"], {**PAYLOAD, "items": [{"note": MASK}, {"note": MASK}]}),
    ],
)
def test_what_stands_at_a_path_is_masked_and_nothing_else(paths, left):
    assert at_paths(PAYLOAD, paths) == left


def test_masking_leaves_the_payload_itself_alone():
    payload = {"customer": {"phone": "1"}}

    at_paths(payload, ["customer.phone"])

    assert payload == {"customer": {"phone": "1"}}


def read(field: str) -> dict[str, object]:
    return {"field": field, "op": "eq", "value": "gold", "seen": "silver", "result": False}


@pytest.mark.parametrize(
    ("field", "is_hidden"),
    [
        ("contact.attributes.plan", True),
        ("event.metadata.ip", True),
        ("event.payload.customer.phone", True),
        ("event.payload.customer.phone.prefix", True),
        ("event.payload.customer", True),  # It contains what is personal.
        ("event.payload.customer.phones", False),
        ("event.payload.total", False),
        ("event.occurred_at", False),
        ("awaited.payload.total", True),  # Of which type that event was is not known here.
    ],
)
def test_a_trace_hides_what_it_saw_of_the_person(field, is_hidden):
    trace = {"all": [{"any": [read(field)], "result": False}], "result": False}

    shown = seen(trace, ["customer.phone"])

    assert shown["all"][0]["any"][0]["seen"] == (MASK if is_hidden else "silver")


def test_of_an_unknown_event_nothing_is_shown():
    assert seen(read("event.payload.total"), None)["seen"] == MASK


def test_how_often_something_happened_is_shown():
    asked = {"event": "OrderCompleted", "times": 2, "seen": 3, "result": True}

    assert seen(asked, None) == asked


def test_of_a_steps_result_only_what_is_known_to_be_impersonal_is_shown():
    result = {
        "kind": "switch",
        "on": "contact.region",
        "seen": "EU",
        "changed": {"a": 1},
        "trace": read("contact.email"),
    }

    assert seen(result, None) == {
        "kind": "switch",
        "on": "contact.region",
        "trace": {**read("contact.email"), "seen": MASK},
    }
