"""The shape of a flow: steps and where they lead. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from automation.core.json import JsonObject

# More steps than anybody can oversee. It bounds what one enrollment does in one transaction.
MAX_STEPS = 500


@dataclass(frozen=True, slots=True)
class Graph:
    start: str
    steps: Mapping[str, JsonObject]  # By key: what the step kind has compiled, and its `kind`.
    leads_to: Mapping[str, list[str | None]]  # By key; None is the end.

    def reachable(self) -> set[str]:
        return _walk([self.start], self._following)

    def reaches_end(self) -> set[str]:
        """Steps from which some way leads to an end."""
        ending = {key for key, following in self.leads_to.items() if None in following}
        return _walk(list(ending), self._preceding)

    def restless_loops(self, waits: Callable[[str], bool]) -> set[str]:
        """Steps that can come back to themselves without any time passing."""
        restless = [key for key in self.steps if not waits(key)]
        after = {key: [k for k in self._following(key) if not waits(k)] for key in restless}
        return {key for key in restless if key in _walk(after[key], after.__getitem__)}

    def _following(self, key: str) -> list[str]:
        return [following for following in self.leads_to[key] if following is not None]

    def _preceding(self, key: str) -> list[str]:
        return [before for before, following in self.leads_to.items() if key in following]


def _walk(start: list[str], neighbours: Callable[[str], list[str]]) -> set[str]:
    """Everything that can be reached from `start`, itself included."""
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting.extend(neighbours(key))
    return seen
