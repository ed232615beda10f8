"""What our pages for readers have in common: language, brand, headers, and who is there."""

import secrets
from ipaddress import ip_address
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from suppression import words
from suppression.brand import Brand
from suppression.ledger import Proof
from suppression.models import Topic

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # The address bar holds the token.
    "X-Robots-Tag": "noindex, nofollow",
    "Vary": "Accept-Language, Sec-GPC",
}
# Nothing is loaded from anywhere: whoever hosted it would learn who has opened the page.
_CSP = (
    "default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def page(
    request: HttpRequest, name: str, *, status: int = 200, topic: Topic | None = None, **context: Any
) -> HttpResponse:
    """A page in its reader's language. `topic`: which the words are about."""
    language, nonce = language_of(request), secrets.token_urlsafe(16)
    shown = {
        "words": words_about(topic, language),
        "languages": words.LANGUAGES,
        "language": language,
        "brand": Brand.objects.first(),
        "nonce": nonce,
        "topic": topic and called(topic, language),
        "signals_privacy": signals_privacy(request),
        **context,
    }
    text = render_to_string(f"suppression/{name}.html", shown, request)
    headers = {**_HEADERS, "Content-Language": language, "Content-Security-Policy": _CSP.format(nonce=nonce)}
    return HttpResponse(text, status=status, headers=headers)


def language_of(request: HttpRequest) -> str:
    """What was chosen on the page, else what the browser asks for."""
    chosen = request.GET.get("lang", "")
    return chosen if chosen in words.WORDS else words.choose(request.headers.get("Accept-Language", ""))


def words_about(topic: Topic | None, language: str) -> words.Words:
    name = called(topic, language).name if topic else ""
    return words.Words._make(text.replace("{topic}", name) for text in words.WORDS[language])


def called(topic: Topic, language: str) -> Any:
    """Its translation, which has the same words as it has itself: `name`, `description`, `wording`."""
    return next((one for one in topic.translations.all() if one.language == language), topic)


def wording_of(topic: Topic, language: str) -> str:
    """What is agreed to, as the page says it."""
    wording: str = called(topic, language).wording
    return wording or words_about(topic, language).agree_to


def signals_privacy(request: HttpRequest) -> bool:
    """Global Privacy Control: https://www.w3.org/TR/gpc/"""
    return request.headers.get("Sec-GPC") == "1"


def proof_of(request: HttpRequest, source: str, **details: Any) -> Proof:
    signal = {"gpc": True} if signals_privacy(request) else {}
    return Proof(source=source, ip=_ip(request), user_agent=_user_agent(request), details={**details, **signal})


def _ip(request: HttpRequest) -> str | None:
    """The peer as the web server tells it, less an IPv6 zone; none behind a unix socket."""
    try:
        return str(ip_address(request.META.get("REMOTE_ADDR", "").partition("%")[0]))
    except ValueError:
        return None


def _user_agent(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "").replace("\x00", "")[:500]
