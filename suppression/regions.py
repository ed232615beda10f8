"""Regional policy: where people must agree before they get marketing mail, and where it is enough that they may leave.

While there is no rule, only topics say who must have agreed. Once there is one, a region that no rule names needs an
opt-in, the strictest, unless a rule for unknown regions says otherwise.
"""

from collections.abc import Mapping
from typing import Final

from django.core.validators import RegexValidator
from django.db import models

# As contacts have it.
region_validator = RegexValidator(
    r"^[A-Z]{2,3}(-[A-Z0-9]{1,12})?$", "Write a region as contacts have it, in capitals: EU, US or US-CA, say."
)


class RegionRule(models.Model):
    """Of one region. A contact's region finds the rule of its own name, else of its first part (US-CA → US)."""

    region = models.CharField(
        max_length=16,
        blank=True,
        validators=[region_validator],
        help_text="As contacts have it: EU, DE, US, US-CA … Empty: every other, and unknown.",
    )
    opt_in = models.BooleanField(
        "needs opt-in", default=True, help_text="Off: marketing mail may go out until somebody leaves (opt-out)."
    )
    law = models.CharField(max_length=100, blank=True, help_text="For whoever reads this.")

    class Meta:
        # Also serves policy.check_many.
        constraints = [models.UniqueConstraint(fields=["region"], name="region_rule_region")]
        ordering = ["region"]

    def __str__(self) -> str:
        return f"{self.region or 'elsewhere'}: {'opt-in' if self.opt_in else 'opt-out'}"


# The member states of the EU and the EEA: ePrivacy directive art. 13 asks for consent before marketing by email.
_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_EEA = "IS LI NO"

# By law: regions, and whether they need an opt-in. Choosing one writes its rules; they can be edited after that.
PRESETS: Final[Mapping[str, tuple[tuple[str, ...], bool]]] = {
    "GDPR": (("EU", "EEA", "GB", "CH", *_EU.split(), *_EEA.split()), True),
    "CAN-SPAM": (("US",), False),
    "CCPA": (("US-CA",), False),
}


def apply_preset(name: str) -> int:
    """Write the rules of a preset; those of other regions stay. Returns how many regions it has."""
    regions, opt_in = PRESETS[name]
    rules = [RegionRule(region=region, opt_in=opt_in, law=name) for region in regions]
    RegionRule.objects.bulk_create(
        rules, update_conflicts=True, unique_fields=["region"], update_fields=["opt_in", "law"]
    )
    return len(rules)
