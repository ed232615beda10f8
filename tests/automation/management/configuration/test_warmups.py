"""Warm-up plans in a file."""

from datetime import UTC, datetime

import pytest

from automation.delivery.warmup.presets import Preset, days
from automation.models import WarmupPlan
from tests.automation.management.conftest import SHOP

pytestmark = pytest.mark.django_db

PLAN = """
warmups:
  main:
    example.com:
      preset: 2_weeks
      target: 5000
      begins: 2026-03-01T09:00:00Z
      brakes: {hard_bounces: 2, complaints: 0.05, min_volume: 500}
"""
DAY_BY_DAY = """
warmups:
  main:
    example.com:
      days:
        - {hourly: 10, daily: 100}
        - {hourly: 20, daily: 200}
"""


def caps_of(plan):
    return list(plan.days.values_list("hourly", "daily"))


def test_a_plan_has_the_days_of_its_preset(apply_text):
    report = apply_text(SHOP + PLAN)

    plan = WarmupPlan.objects.get()
    assert "+ warm-up of example.com through main\n" in str(report)
    assert (plan.account.key, plan.domain) == ("main", "example.com")
    assert plan.started_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert (plan.max_bounce_percent, plan.max_complaint_percent, plan.min_volume) == (2, 0.05, 500)
    assert caps_of(plan) == list(days(Preset.TWO_WEEKS, target=5000))


def test_a_second_time_changes_nothing_of_a_plan_that_is_under_way(apply_text):
    apply_text(SHOP + DAY_BY_DAY)
    WarmupPlan.objects.update(day=2, used_today=150, status=WarmupPlan.Status.DONE)
    before = list(WarmupPlan.objects.values())

    assert str(apply_text(SHOP + DAY_BY_DAY)) == "= 7 unchanged"
    assert list(WarmupPlan.objects.values()) == before


def test_other_days_replace_those_that_were_there_and_the_plan_stays_on_its_day(apply_text):
    apply_text(SHOP + DAY_BY_DAY)
    WarmupPlan.objects.update(day=2, used_today=150)

    report = apply_text(SHOP + PLAN)

    plan = WarmupPlan.objects.get()
    assert "    days: 2, up to 200 mails → 14, up to 5,000 mails\n" in str(report)
    assert (plan.day, plan.used_today, len(caps_of(plan))) == (2, 150, 14)


def test_a_plan_that_is_frozen_stays_so_and_that_is_said(apply_text):
    apply_text(SHOP + PLAN)
    WarmupPlan.objects.update(status=WarmupPlan.Status.FROZEN, frozen_reason="Hard bounces: 4 %")

    report = apply_text(SHOP + PLAN)

    assert WarmupPlan.objects.get().status == WarmupPlan.Status.FROZEN
    assert "! The warm-up of example.com through main is frozen, and stays so: Hard bounces: 4 %" in str(report)


def test_a_file_without_it_leaves_a_plan_alone_and_says_so(apply_text):
    apply_text(SHOP + PLAN)

    report = apply_text(SHOP)

    assert WarmupPlan.objects.count() == 1
    assert str(report).endswith("! Not in this file, and left as they are: 1 warm-up plan.")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (PLAN.replace("main:", "other:"), ["line 31, warmups.other: There is no ESP account “other”"]),
        (PLAN.replace("example.com", "example.org"), ["warmups.main.example.org: No sender has an address there."]),
        (PLAN.replace("2_weeks", "2 weeks"), ["preset: Expected one of sendgrid, 2_weeks, 3_weeks, 4_weeks."]),
        (PLAN.replace("      target: 5000\n", ""), ["warmups.main.example.com: This lacks target"]),
        (PLAN.replace("target: 5000", "target: 0"), ["target: Expected int >= 1."]),
        (PLAN.replace("preset: 2_weeks", "days: []"), ["warmups.main.example.com: Expected either preset or days."]),
        (DAY_BY_DAY.replace("days:", "preset: sendgrid\n      days:"), ["Expected either preset or days."]),
        (DAY_BY_DAY.replace("hourly: 20, ", ""), ["warmups.main.example.com.days[1]: This lacks hourly."]),
        (PLAN.replace("hard_bounces: 2", "hard_bounces: 101"), ["warmups.main.example.com.brakes.hard_bounces: "]),
        (PLAN.replace("00Z", "00"), ["begins: Expected datetime with a timezone component"]),
    ],
)
def test_faults_are_told_where_they_are(text, faults_of, faults):
    told = faults_of(SHOP + text)

    assert len(told) == len(faults), told
    assert all(fault in one for fault, one in zip(faults, told, strict=True)), told
