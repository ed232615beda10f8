"""The ESPs' door: verify, store, answer. Understanding comes later, in the digest pump."""

import structlog
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from automation.delivery.account_settings import AccountMisconfigured
from webhooks.door import Door, door_of, find_account
from webhooks.store import store
from webhooks.verify import Refusal, refuse

log = structlog.get_logger(__name__)


@csrf_exempt
def receive_webhook(request: HttpRequest, account_key: str) -> HttpResponse:
    """200: it is in PostgreSQL, now or since before. 4xx: it is not. 503: by no fault of its own, so repeat it."""
    try:
        return _receive(request, account_key)
    except (OperationalError, InterfaceError) as error:  # PostgreSQL is away.
        log.warning("database_away", account=account_key, error=type(error).__name__)
        return HttpResponse(status=503)


def _receive(request: HttpRequest, account_key: str) -> HttpResponse:
    account = find_account(account_key)
    if account is None:
        raise Http404
    try:
        door = door_of(account)
    except AccountMisconfigured as error:
        log.error("webhooks_refused", account=account_key, reason=str(error))  # noqa: TRY400 - a person has to act
        return HttpResponse(status=503)
    if door is None:
        raise Http404
    if request.method != "POST":
        return _probe(request, door)
    try:
        refusal = refuse(request, door)
    except UnreadablePostError:
        refusal = Refusal(400, "The body ended early.")
    if refusal:
        return _refused(refusal, account_key)
    if not store(request, door, at=timezone.now()):
        return _refused(Refusal(403, "This signature was used before, for another call."), account_key)
    return HttpResponse()


def _probe(request: HttpRequest, door: Door) -> HttpResponse:
    """Some ESPs look whether there is anybody, by HEAD or GET, before they accept a URL. Anymail's view knows which."""
    known = request.method in {"HEAD", "GET"} and str(request.method).lower() in door.view.http_method_names
    return HttpResponse(status=200 if known else 405, headers={} if known else {"Allow": "POST, HEAD"})


def _refused(refusal: Refusal, account_key: str) -> HttpResponse:
    log.warning("webhook_refused", account=account_key, status=refusal.status, reason=refusal.reason)
    response = HttpResponse(refusal.reason, status=refusal.status, content_type="text/plain; charset=utf-8")
    if refusal.status == 401:
        response["WWW-Authenticate"] = 'Basic realm="webhooks"'
    return response
