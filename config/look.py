"""How the admin looks: what django-unfold reads from the settings."""

from typing import Any

from django.templatetags.static import static

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Signalpost",
    "SITE_HEADER": "Signalpost",
    "SITE_SYMBOL": "forward_to_inbox",
    "SITE_URL": None,  # There is no other site to go to.
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("automation/icon.svg")}],
    "DASHBOARD_CALLBACK": "config.dashboard.dashboard",
    "SIDEBAR": {"navigation": "config.sidebar.navigation"},
    "TABS": "config.sidebar.tabs",
    "STYLES": [lambda request: static("automation/admin.css")],
    # Blue, as Tailwind has it: white on its 600 is readable (WCAG AA).
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        }
    },
}
