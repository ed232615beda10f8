"""How a marketing mail says how to leave: its unsubscribe link and headers."""

from urllib.parse import urlsplit


def unsubscribe_url(*, token: str, public_url: str) -> str:
    """The page of `suppression.urls`, as `config.urls` mounts it. Built by hand, since this runs for each recipient."""
    return f"{public_url}/u/{token}/"


def preferences_url(*, token: str, public_url: str) -> str:
    return f"{public_url}/u/{token}/preferences/"


def confirmation_url(*, token: str, public_url: str) -> str:
    """`token` of `tokens.make_confirmation`."""
    return f"{public_url}/u/{token}/confirm/"


def unsubscribe_headers(*, token: str, public_url: str, topic_key: str) -> dict[str, str]:
    """Headers for one marketing mail: RFC 2369 and 8058 (one-click), RFC 2919 (List-Id).

    `public_url` has no slash at its end. RFC 8058 wants it to be https and both List-Unsubscribe headers to be
    inside the DKIM signature, which is the ESP's to do.
    """
    return {
        "List-Unsubscribe": f"<{unsubscribe_url(token=token, public_url=public_url)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<{topic_key}.{urlsplit(public_url).hostname}>",
    }
