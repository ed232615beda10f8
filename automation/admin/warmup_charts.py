"""A warm-up's progress as charts: what chart.js, which unfold brings, wants to be told."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from automation.delivery.models import WarmupPlan
from automation.delivery.warmup.freeze import percent
from automation.delivery.warmup.progress import Day


class Chart(NamedTuple):
    title: str
    note: str
    data: str
    options: str


def charts(plan: WarmupPlan, days: Sequence[Day]) -> list[Chart]:
    """The mail of each day beside its cap; the rates of each day beside what freezes the plan."""
    return [
        Chart(
            "Mail by day",
            "The scale is logarithmic, since a warm-up grows by a factor each day.",
            _data(days, _accepted(days), _limit("Cap", [day.caps.daily for day in days], GREY)),
            _options(y=_axis("mails", type="logarithmic")),
        ),
        Chart(
            "Bounces and complaints by day",
            "Complaints have the scale on the right. Over its dashed line, once there is enough mail to tell, either"
            " freezes the plan.",
            _data(
                days,
                _rate("Hard bounces", [_percent(day, "hard_bounced") for day in days], RED),
                _limit(f"freeze at {plan.max_bounce_percent:g} %", [plan.max_bounce_percent for _ in days], RED),
                _rate("Complaints", [_percent(day, "complained") for day in days], VIOLET, yAxisID="y1"),
                _limit(
                    f"freeze at {plan.max_complaint_percent:g} %",
                    [plan.max_complaint_percent for _ in days],
                    VIOLET,
                    yAxisID="y1",
                ),
            ),
            _options(
                y=_axis("% hard bounces", suggestedMax=plan.max_bounce_percent * 1.5),
                y1=_axis("% complaints", suggestedMax=plan.max_complaint_percent * 1.5, position="right"),
            ),
        ),
    ]


BLUE, GREY, RED, VIOLET = "#2563eb", "#9ca3af", "#dc2626", "#7c3aed"


def _accepted(days: Sequence[Day]) -> dict[str, Any]:
    # None and not 0: a logarithmic scale has no room for it.
    values = [(day.counts.accepted or None) if day.counts else None for day in days]
    return {"label": "Accepted", "data": values, "backgroundColor": BLUE, "maxBarThickness": 24, "order": 1}


def _rate(label: str, values: Sequence[float | None], colour: str, **more: Any) -> dict[str, Any]:
    return _line(label, values, colour) | {"borderWidth": 2, "pointRadius": 3, **more}


def _limit(label: str, values: Sequence[float], colour: str, **more: Any) -> dict[str, Any]:
    return _line(label, values, colour) | {"borderWidth": 1.5, "borderDash": [6, 4], "pointRadius": 0, **more}


def _line(label: str, values: Sequence[float | None], colour: str) -> dict[str, Any]:
    return {"type": "line", "label": label, "data": values, "borderColor": colour, "backgroundColor": colour}


def _percent(day: Day, what: str) -> float | None:
    if not day.counts or not day.counts.accepted:
        return None
    return round(percent(getattr(day.counts, what), day.counts.accepted), 2)


def _data(days: Sequence[Day], *datasets: dict[str, Any]) -> str:
    return json.dumps({"labels": [day.number for day in days], "datasets": datasets})


def _axis(title: str, **more: Any) -> dict[str, Any]:
    title_shown = {"display": True, "text": title, "color": GREY}
    return {"beginAtZero": True, "ticks": {"color": GREY}, "grid": {"display": False}, "title": title_shown, **more}


def _options(**axes: dict[str, Any]) -> str:
    return json.dumps(
        {
            "animation": False,
            "maintainAspectRatio": False,
            "interaction": {"mode": "index", "intersect": False},
            "plugins": {"legend": {"align": "end", "labels": {"color": GREY, "boxWidth": 12}}},
            "scales": {"x": _axis("day"), **axes},
        }
    )
