"""Answering questions about history, for many contacts at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from django.db.models import Count, Min

from automation.core.rules.questions import Answer, Question
from automation.core.rules.records import rows
from automation.core.rules.sql import event_condition

Asked = tuple[int, Question]  # Of which contact.


def answer(asked: Iterable[Asked], *, at: datetime) -> Mapping[tuple[int, str], Answer]:
    """By contact and key: what is known at `at`. A statement for each question that differs; no question, none.

    All that is stored counts, so the event at hand does as well, and one whose clock is ahead of ours.
    """
    contacts: dict[Question, set[int]] = defaultdict(set)
    for contact_id, question in asked:
        contacts[question].add(contact_id)
    answers = {(one, question.key): Answer(0) for question, ids in contacts.items() for one in ids}
    for question, ids in contacts.items():
        found, moment = rows(question, at=at, where=partial(event_condition, at=at))
        counted = found.filter(contact_id__in=ids).values("contact_id").annotate(count=Count("*"), oldest=Min(moment))
        for contact_id, count, oldest_at in counted.values_list("contact_id", "count", "oldest"):
            answers[contact_id, question.key] = Answer(count, oldest_at)
    return answers
