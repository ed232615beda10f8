"""Subject against yardstick: by turns, so that whatever else the machine does meets both alike."""

from collections.abc import Callable
from statistics import median

from benchmarks import yardstick
from benchmarks.ground import Ground
from benchmarks.run import Figures, Run, figures_of


def versus_bare(ground: Ground, name: str, subject: Callable[[Ground], Run]) -> Figures:
    """Measure both in every round. `<name>_vs_bare` is the median of the rounds' own ratios."""
    runs, ratios = [], []
    for n in range(1, ground.rounds + 1):
        bare, own = yardstick.run(ground), subject(ground)
        runs.append(own)
        ratios.append(own.per_s / bare.per_s)
        ground.say(f"  {name} {n}: {own}")
        ground.say(f"  bare {' ' * (len(name) - 4)}{n}: {bare}; ratio {ratios[-1]:.2f}")
    return {f"{name}_vs_bare": median(ratios)} | figures_of(name, runs) | figures_of("bare", ground.bare)
