"""What the rules of flows want to know of the past, found out for a whole batch before it is decided on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from automation.core.rules import Answer
from automation.core.rules.answer import answer
from automation.flows.definition import Definition

History = Mapping[str, Answer]  # By the question's key.


def recall(wanted: Iterable[tuple[Definition, int]], *, at: datetime) -> Mapping[int, History]:
    """By contact: the answers to all questions of the flows that concern it. A statement for each that differs.

    Most flows ask none, and then there is no statement.
    """
    asked = [(contact_id, question) for definition, contact_id in wanted for question in definition.questions]
    found: dict[int, dict[str, Answer]] = defaultdict(dict)
    for (contact_id, key), one in answer(asked, at=at).items():
        found[contact_id][key] = one
    return found
