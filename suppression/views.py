"""The page behind the unsubscribe link, and the endpoint behind the mail client's unsubscribe button."""

from ipaddress import ip_address
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from suppression.tokens import BadToken, read_token
from suppression.unsubscribe import topic_of, unsubscribe

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # The address bar holds the token.
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
}


# No CSRF check: a mail client's one-click POST brings neither cookie nor form token (RFC 8058 §3.2). What proves the
# wish is the token in the URL; whoever has it may act, from wherever. No session is read or begun here.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """GET and HEAD only show the page, since link scanners follow every link (RFC 8058 §3.1). POST leaves."""
    try:
        read = read_token(token)
    except BadToken:
        return _page(request, "bad_link", status=404)
    if request.method != "POST":
        return _page(request, "unsubscribe", topic=topic_of(read))
    source = _source(request)
    if source is None:
        return _page(request, "unsubscribe", topic=topic_of(read), status=400)
    left = unsubscribe(
        token=read,
        everything=request.POST.get("leave") == "everything",
        source=source,
        ip=_ip(request),
        user_agent=_user_agent(request),
        at=timezone.now(),
    )
    return _page(request, "unsubscribed", topic=left)


def _source(request: HttpRequest) -> str | None:
    """Which of the two kinds of POST this is; None if neither."""
    if request.POST.get("List-Unsubscribe") == "One-Click":
        return "one-click"
    if request.POST.get("leave") in ("topic", "everything"):
        return "unsubscribe page"
    return None


def _page(request: HttpRequest, name: str, *, status: int = 200, **context: Any) -> HttpResponse:
    return HttpResponse(render_to_string(f"suppression/{name}.html", context, request), status=status, headers=_HEADERS)


def _ip(request: HttpRequest) -> str | None:
    """The peer as the web server tells it, less an IPv6 zone; none behind a unix socket."""
    try:
        return str(ip_address(request.META.get("REMOTE_ADDR", "").partition("%")[0]))
    except ValueError:
        return None


def _user_agent(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "").replace("\x00", "")[:500]
