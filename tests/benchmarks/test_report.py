import json

import pytest

from benchmarks import report
from benchmarks.table import Target


@pytest.mark.parametrize(
    ("sign", "below", "equal", "above"), [("≥", False, True, True), ("≤", True, True, False), ("<", True, False, False)]
)
def test_a_target_is_met_as_its_sign_says(sign, below, equal, above):
    target = Target(sign, 10)

    assert [target.is_met_by(value) for value in (9.99, 10, 10.01)] == [below, equal, above]


def test_a_figure_that_falls_short_is_shown_as_such_and_counted():
    lines = report.table({"drain_vs_bare": 0.7499, "drain_per_s": 812.3, "worker_peak_mb": 130.0}).splitlines()

    assert lines[1].split() == ["drain_vs_bare", "0.7499", "≥", "0.75", "SHORT"]
    assert lines[2].split() == ["drain_per_s", "812.3"]
    assert lines[3].split() == ["worker_peak_mb", "130.0", "<", "180", "ok"]
    assert lines[-1] == "1 of 2 targets met."


def test_the_file_is_one_flat_object_of_numbers(tmp_path):
    report.write(tmp_path / "bench.json", {"drain_vs_bare": 0.81234, "drain_per_s": 1812.3})

    assert json.loads((tmp_path / "bench.json").read_text()) == {"drain_vs_bare": 0.8123, "drain_per_s": 1812}
