"""What the condition builder asks the server: what there is to choose from, and what a rule says or lacks."""

import json

from django.core.cache import cache
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from automation.admin.conditions.offer import fields, offer
from automation.core import rules
from automation.events.models import EventType

# Suggestions may be old; longer, and a field that has just come up is missed.
KEPT_S = 60


@require_GET
def offered(request: HttpRequest) -> JsonResponse:
    """`?id=` or `?name=` of an event type; neither: none is at hand."""
    found = _event_type(request)
    with_values = request.user.has_perm("automation.view_personal")
    key = f"conditions:{found.pk if found else 0}:{with_values:d}"
    known = cache.get(key)
    if known is None:
        known = fields(found, with_values=with_values)
        cache.set(key, known, KEPT_S)
    return JsonResponse(offer(known))


@require_POST
def said(request: HttpRequest) -> JsonResponse:
    """The rule of the body as a sentence, or its faults with their JSON pointers."""
    try:
        rule = json.loads(request.body)
    except (ValueError, RecursionError):
        return JsonResponse({"faults": [{"pointer": "", "message": "This is no JSON."}]}, status=400)
    if faults := rules.faults_of(rule):
        return JsonResponse({"faults": [{"pointer": one.pointer, "message": one.message} for one in faults]})
    return JsonResponse({"sentence": rules.sentence(rule)})


def _event_type(request: HttpRequest) -> EventType | None:
    key, name = request.GET.get("id", ""), request.GET.get("name", "")
    if key.isdecimal() and len(key) < 19:
        return EventType.objects.filter(pk=key).first()
    return EventType.objects.filter(name=name).first() if name and "\0" not in name else None
