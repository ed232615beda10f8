"""What the pages of what happened show to those who may not see personal data (suppression/admin/personal.py)."""

from collections.abc import Sequence

from django.http import HttpRequest

from automation.admin import words
from automation.core import mask
from automation.core.json import JsonObject
from automation.delivery.models import Message
from suppression.admin.personal import PersonalAdmin, sees_personal

__all__ = ["PersonalAdmin", "name_of", "reason_of", "seen_by", "sees_personal"]


def name_of(message: Message, request: HttpRequest) -> str:
    """What a link to it says."""
    return (message.to_email or "no address") if sees_personal(request) else str(message)


def reason_of(message: Message, request: HttpRequest) -> str:
    """Without the ESP's words, which may name the address, for those who may not see it."""
    return words.reason(message.reason if sees_personal(request) else message.reason_code)


def seen_by(request: HttpRequest, told: JsonObject, paths: Sequence[str] | None) -> JsonObject:
    """What a decision or a step has seen, as far as this person may see it. `paths` as for mask.seen."""
    return told if sees_personal(request) else mask.seen(told, paths)
