"""What can be wrong with a template, in words for whoever wrote it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    where: str  # "pt-BR, html, line 12", "block footer, line 3", "variable total"; empty: the template as a whole.
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class TemplateInvalid(Exception):
    """The draft cannot be published. Nothing was written."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = list(faults)


class RenderFailed(Exception):
    """This version cannot be rendered with these values, and never will be: retrying is of no use.

    The message says in which part and why, and holds none of the texts that it was given.
    """
