"""The pages behind the links of a mail, and the endpoint behind the mail client's unsubscribe button.

GET and HEAD only show, since link scanners follow every link (RFC 8058 §3.1); POST acts.
"""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from suppression.choose import choices, choose, leave_shared
from suppression.confirm import confirm
from suppression.page import called, language_of, page, proof_of, signals_privacy, wording_of
from suppression.tokens import BadToken, UnsubscribeToken, read_confirmation, read_token
from suppression.unsubscribe import topic_of, unsubscribe

GPC_SINCE = "2026-11-24"

Show = Callable[[HttpRequest, UnsubscribeToken], HttpResponse]


def _behind_a_token(read: Callable[[str], UnsubscribeToken]) -> Callable[[Show], Callable[..., HttpResponse]]:
    """A page that whoever has the link may use.

    No CSRF check: a mail client's one-click POST brings neither cookie nor form token (RFC 8058 §3.2). What proves the
    wish is the token in the URL; whoever has it may act, from wherever. No session is read or begun here.
    """

    def decorate(show: Show) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(show)
        def view(request: HttpRequest, token: str) -> HttpResponse:
            try:
                found = read(token)
            except BadToken:
                return page(request, "bad_link", status=404)
            return show(request, found)

        return view

    return decorate


@_behind_a_token(read_token)
def unsubscribe_page(request: HttpRequest, token: UnsubscribeToken) -> HttpResponse:
    """Leave the topic, or everything."""
    if request.method != "POST":
        return page(request, "unsubscribe", topic=topic_of(token))
    source = _source(request)
    if source is None:
        return page(request, "unsubscribe", topic=topic_of(token), status=400)
    proof = proof_of(request, source)
    left = unsubscribe(
        token=token,
        everything=request.POST.get("leave") == "everything",
        source=source,
        ip=proof.ip,
        user_agent=proof.user_agent,
        at=timezone.now(),
    )
    if signals_privacy(request):
        leave_shared(token=token, proof=proof, at=timezone.now())
    return page(request, "unsubscribed", topic=left)


@_behind_a_token(read_token)
def preference_page(request: HttpRequest, token: UnsubscribeToken) -> HttpResponse:
    """Choose among the public topics."""
    at, heed_signal = timezone.now(), signals_privacy(request)
    shown = choices(token, heed_signal=heed_signal, at=at)
    wordings = {one.topic.key: wording_of(one.topic, language_of(request)) for one in shown}
    if saved := request.method == "POST" and "save" in request.POST:
        choose(
            token=token,
            wanted=request.POST.getlist("topic"),
            wordings=wordings,
            heed_signal=heed_signal,
            proof=proof_of(request, "preference page", message_id=str(token.message_id)),
            at=at,
        )
        shown = choices(token, heed_signal=heed_signal, at=at)
    rows = [(one, called(one.topic, language_of(request)), wordings[one.topic.key]) for one in shown]
    status = 200 if saved or request.method != "POST" else 400
    return page(request, "preferences", rows=rows, saved=saved, status=status)


@_behind_a_token(read_confirmation)
def confirmation_page(request: HttpRequest, token: UnsubscribeToken) -> HttpResponse:
    """Confirm that one has asked for a topic."""
    topic = topic_of(token)
    if topic is None:
        return page(request, "bad_link", status=404)
    if request.method != "POST":
        return page(request, "confirm", topic=topic, wording=wording_of(topic, language_of(request)))
    proof = proof_of(request, "confirmation page")
    confirm(token=token, wording=wording_of(topic, language_of(request)), proof=proof, at=timezone.now())
    return page(request, "confirmed", topic=topic)


@require_safe
def gpc(request: HttpRequest) -> JsonResponse:
    """That we heed the signal, for whoever looks: https://www.w3.org/TR/gpc/#gpc-support-resource"""
    return JsonResponse({"gpc": True, "lastUpdate": GPC_SINCE})


def _source(request: HttpRequest) -> str | None:
    """Which of the two kinds of POST this is; None if neither."""
    if request.POST.get("List-Unsubscribe") == "One-Click":
        return "one-click"
    if request.POST.get("leave") in ("topic", "everything"):
        return "unsubscribe page"
    return None
