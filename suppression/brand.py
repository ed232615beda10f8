"""Whose pages they are: the name, logo and colour of the preference, unsubscribe and confirmation pages."""

from __future__ import annotations

import re
from typing import NamedTuple

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

_HEX = re.compile(r"^#[0-9a-fA-F]{6}\Z")
DEFAULT_ACCENT = "#1f5fd0"


class Brand(models.Model):
    """The one row of it. Where it is missing, pages are plain."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(max_length=100, blank=True, help_text="Who is writing to people: shown on each page.")
    logo = models.TextField(blank=True)  # As logo.py embeds it.
    accent = models.CharField(
        max_length=7,
        default=DEFAULT_ACCENT,
        validators=[RegexValidator(_HEX, "Expected a colour such as #1f5fd0.")],
        help_text="Of the main button, as #rrggbb. Its text turns black or white, whichever is easier to read.",
    )
    privacy_url = models.URLField("privacy policy", blank=True)

    class Meta:
        verbose_name_plural = "brand"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="brand_one_row")]

    def __str__(self) -> str:
        return self.name or "Brand"

    @property
    def colours(self) -> Colours:
        return Colours(self.accent, on(self.accent))


class Colours(NamedTuple):
    accent: str
    on_accent: str


def on(colour: str) -> str:
    """Black or white, whichever has more contrast on a colour: 4.5 to 1 at least, by WCAG 2.2. Pure."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#ffffff"
