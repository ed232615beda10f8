"""Hours, frequency caps, rollouts and holdouts in a file."""

from datetime import UTC, datetime, time, timedelta

import pytest

from automation.models import EventType, Flow, FrequencyCap, HouseRules
from tests.automation.management.conftest import SHOP

pytestmark = pytest.mark.django_db

FLOW = """
    send_window: {from: 09:00, until: 17:30, weekdays: [monday, friday]}
    quiet_hours: keep
    time_zone: Europe/Lisbon
    rollout: 50
    holdout: 5
    conversion: {event: SignedUp, within: 14d}
"""
HOUSE = """
house_rules:
  time_zone: Europe/Berlin
  quiet_hours: {from: 22:00, until: 08:00}
  holdout: {percent: 2.5, since: 2026-01-01T00:00:00Z}
"""
CAPS = """
frequency_caps:
  Not too often: {limit: 3, within: 7d, patience: 2d}
  Offers: {limit: 1, within: 1d, topic: offers, lane: bulk}
  None yet: {}
"""


def test_a_flow_says_when_it_sends_and_who_takes_part(apply_text):
    apply_text(SHOP + FLOW)

    flow = Flow.objects.get()
    assert (flow.send_from, flow.send_until, flow.send_weekdays) == (time(9), time(17, 30), [0, 4])
    assert (flow.quiet_hours, flow.time_zone) == ("keep", "Europe/Lisbon")
    assert (flow.rollout_percent, flow.holdout_percent) == (50, 5)
    assert (flow.conversion_event, flow.conversion_within) == (
        EventType.objects.get(name="SignedUp"),
        timedelta(days=14),
    )
    assert flow.live_version.send_when["weekdays"] == [0, 4]


def test_house_rules_are_one_row(apply_text):
    report = apply_text(SHOP + HOUSE)

    [rules] = HouseRules.objects.all()
    assert "+ house rules" in str(report)
    assert (rules.time_zone, rules.quiet_from, rules.quiet_until) == ("Europe/Berlin", time(22), time(8))
    assert (rules.holdout_percent, rules.holdout_since) == (2.5, datetime(2026, 1, 1, tzinfo=UTC))

    report = apply_text(SHOP + HOUSE.replace("22:00", "21:00"))

    assert "~ house rules\n    quiet_from: 22:00:00 → 21:00:00" in str(report)


def test_caps_are_known_by_their_names(apply_text):
    apply_text(SHOP + CAPS)

    caps = {cap.name: cap for cap in FrequencyCap.objects.all()}
    weekly, offers, none = caps["Not too often"], caps["Offers"], caps["None yet"]
    assert (weekly.limit, weekly.period, weekly.patience) == (3, timedelta(days=7), timedelta(days=2))
    assert (offers.topic.key, offers.lane) == ("offers", "bulk")
    assert none.limit is None


def test_a_second_time_changes_nothing(apply_text):
    apply_text(SHOP + FLOW + HOUSE + CAPS)

    assert str(apply_text(SHOP + FLOW + HOUSE + CAPS)).splitlines()[0] == "= 10 unchanged"


def test_what_a_flow_does_not_say_any_more_is_as_it_was_by_default(apply_text):
    apply_text(SHOP + FLOW)
    apply_text(SHOP)

    flow = Flow.objects.get()
    assert (flow.send_from, flow.send_weekdays, flow.rollout_percent, flow.conversion_event) == (None, None, 100, None)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (SHOP + FLOW.replace("09:00", "25:00"), ["Expected a time of day, such as 09:30."]),
        (SHOP + FLOW.replace("monday", "Moonday"), ["Expected one of monday, tuesday, wednesday"]),
        (SHOP + FLOW.replace("Europe/Lisbon", "Lisbon"), ["Write the name of a time zone, such as Europe/Lisbon."]),
        (SHOP + FLOW.replace("rollout: 50", "rollout: 150"), ["Ensure this value is less than or equal to 100.0."]),
        (SHOP + FLOW.replace("event: SignedUp", "event: Bought"), ["There is no event type “Bought”"]),
        (SHOP + FLOW.replace("from: 09:00, ", ""), ["A send window needs both times"]),
        (SHOP + HOUSE.replace("08:00", "22:00"), ["Quiet hours need a beginning and another end, or neither."]),
        (SHOP + HOUSE.replace("00Z", "00"), ["Expected datetime with a timezone component"]),
        (SHOP + CAPS.replace("limit: 3", "limit: 0"), ["Ensure this value is greater than or equal to 1."]),
        (SHOP + CAPS.replace("lane: bulk", "lane: transactional"), ["Invalid enum value 'transactional'"]),
        (SHOP + CAPS.replace("topic: offers", "topic: news"), ["There is no topic “news”"]),
    ],
)
def test_faults_are_told_where_they_are(text, faults_of, faults):
    told = faults_of(text)

    assert len(told) == len(faults), told
    assert all(fault in one for fault, one in zip(faults, told, strict=True)), told
