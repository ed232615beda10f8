"""When a version's mail may go out."""

from datetime import time

import pytest

from automation.core.lanes import Lane
from automation.flows import send_when
from automation.flows.house_rules import HouseRules
from automation.flows.models import Flow, QuietHours
from tests.factories import make_live_flow


@pytest.mark.parametrize(
    ("fields", "stored"),
    [
        ({}, None),
        ({"send_weekdays": []}, None),
        (
            {"send_from": time(9), "send_until": time(17, 30), "send_weekdays": [4, 0]},
            {"opens": "09:00", "closes": "17:30", "weekdays": [0, 4]},
        ),
        ({"send_weekdays": [5, 6]}, {"opens": "00:00", "closes": "00:00", "weekdays": [5, 6]}),
        (
            {"quiet_hours": QuietHours.IGNORE, "time_zone": "Asia/Tokyo"},
            {"quiet": "ignore", "zone": "Asia/Tokyo"},
        ),
    ],
)
def test_only_what_the_flow_asks_for_is_stored(fields, stored):
    assert send_when.to_json(Flow(**fields)) == stored


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, ""),
        ({"send_from": time(22), "send_until": time(6)}, ""),
        ({"send_from": time(9)}, "both times"),
        ({"send_until": time(9), "send_weekdays": [0]}, "both times"),
        ({"send_from": time(9), "send_until": time(9)}, "closes when it opens"),
        ({"send_from": time(9), "send_until": time(9), "send_weekdays": [0]}, ""),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(fields, told):
    faults = send_when.faults(Flow(**fields))

    assert told in " ".join(faults)
    assert bool(faults) == bool(told)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "is_refused"),
    [
        ({"send_from": time(22), "send_until": time(8)}, True),
        ({"send_from": time(22), "send_until": time(8, 1)}, False),
        ({"send_from": time(21, 59), "send_until": time(23)}, False),
        ({"send_from": time(23), "send_until": time(1), "quiet_hours": QuietHours.IGNORE}, False),
        ({"send_from": time(23), "send_until": time(1), "lane": Lane.TRANSACTIONAL}, False),
        ({"send_from": time(23), "send_until": time(1), "lane": Lane.TRANSACTIONAL, "quiet_hours": "keep"}, True),
        ({"send_weekdays": [6]}, False),
    ],
)
def test_a_window_that_the_quiet_hours_swallow_is_refused(fields, is_refused):
    HouseRules.objects.create(quiet_from=time(22), quiet_until=time(8))

    faults = send_when.faults(Flow(**fields))

    assert [fault[:45] for fault in faults] == ["The send window lies in the quiet hours of th"] * is_refused


@pytest.mark.django_db
def test_publishing_pins_it():
    flow = make_live_flow(send_from=time(9), send_until=time(17))

    assert flow.live_version.send_when == {"opens": "09:00", "closes": "17:00", "weekdays": []}
