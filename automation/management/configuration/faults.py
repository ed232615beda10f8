"""What is wrong with a file, all of it at once, each fault at its place."""

from typing import NamedTuple

Path = tuple[str | int, ...]  # From the file's root to a value: ("flows", "welcome", "steps", 0, "send").


class Fault(NamedTuple):
    line: int  # Counts from 1; of the closest thing around the fault that the file has.
    path: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.path}: {self.message}" if self.path else f"line {self.line}: {self.message}"


class ConfigurationInvalid(Exception):
    """The file cannot be applied, and nothing was. `faults` are in the order of their lines."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class Faults:
    """Collects faults, so that they can be told all at once."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}  # Where each value stands, as far as the file could be read.
        self._found: list[Fault] = []

    def add(self, path: Path, message: str, *, line: int = 0) -> None:
        self._found.append(Fault(line or self._line_of(path), path_text(path), message))

    def raise_if_any(self) -> None:
        """Raises ConfigurationInvalid."""
        if self._found:
            raise ConfigurationInvalid(sorted(self._found, key=lambda fault: fault.line))

    def _line_of(self, path: Path) -> int:
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def path_text(path: Path) -> str:
    """("flows", "welcome", "steps", 0, "send") → flows.welcome.steps[0].send"""
    return "".join(f"[{name}]" if isinstance(name, int) else f".{name}" for name in path).removeprefix(".")
