"""One measured run, and how several become figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.cpu import Meter

Figures = dict[str, float]

NOT_OURS = ("sandbox", "client")  # The ESP and the backend service: an operator pays for neither.


@dataclass(frozen=True)
class Run:
    mails: int
    seconds: float  # From the first act to the last accept.
    meter: Meter  # From the first act until everything was written down.

    @property
    def per_s(self) -> float:
        return self.mails / self.seconds

    def cpu_us(self, part: str) -> float:
        """Microseconds a mail."""
        return self.meter.used[part] / self.mails * 1e6

    @property
    def own_cpu_us(self) -> float:
        return sum(self.cpu_us(part) for part in self.meter.used if part not in NOT_OURS)

    def __str__(self) -> str:
        rate, cpu = f"{self.per_s:,.0f}/s", f"{self.own_cpu_us:,.0f} µs CPU a mail"
        return f"{rate}, {cpu}; others had {self.meter.others:.0%} of the machine"


def figures_of(name: str, runs: Sequence[Run]) -> Figures:
    """`<name>_per_s`, `<name>_cpu_us`, and `<name>_<part>_cpu_us` for each part: medians of these runs."""
    return {
        f"{name}_per_s": median(run.per_s for run in runs),
        f"{name}_cpu_us": median(run.own_cpu_us for run in runs),
        **{f"{name}_{part}_cpu_us": median(run.cpu_us(part) for run in runs) for part in runs[0].meter.used},
    }
