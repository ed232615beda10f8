"""The rule language: JSON trees of `all` / `any` / `none` over comparisons. docs/rules.md says what they mean.

    {"all": [{"field": "event.payload.total", "op": "gte", "value": 50},
             {"none": [{"field": "contact.region", "op": "in", "value": ["US", "CA"]}]}]}

Two evaluators, one meaning: `evaluate` for facts in hand, sql.py for contacts in the database. What an operator means
stands in operators.py, once for each of the two, side by side.
"""

from automation.core.rules.check import RuleInvalid, check, faults_of
from automation.core.rules.evaluate import evaluate, holds
from automation.core.rules.language import GROUPS, HISTORY, MAIL, MAX_DEPTH, leaves
from automation.core.rules.operators import OPERATORS
from automation.core.rules.questions import Answer, Question, history
from automation.core.rules.reads import Reads, fields, next_change, reads
from automation.core.rules.schema import schema
from automation.core.rules.sentence import sentence
from automation.core.rules.sql import condition

__all__ = [
    "GROUPS",
    "HISTORY",
    "MAIL",
    "MAX_DEPTH",
    "OPERATORS",
    "Answer",
    "Question",
    "Reads",
    "RuleInvalid",
    "check",
    "condition",
    "evaluate",
    "faults_of",
    "fields",
    "history",
    "holds",
    "leaves",
    "next_change",
    "reads",
    "schema",
    "sentence",
]
