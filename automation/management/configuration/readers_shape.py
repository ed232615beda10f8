"""The shape of what a configuration file says about readers: topics, regions, our pages, and double opt-in."""

from enum import StrEnum

from msgspec import Struct

from automation.management.configuration.calendar_shape import default
from suppression import models
from suppression.regions import PRESETS

Law = StrEnum("Law", {name: name for name in PRESETS})  # type: ignore[misc]  # Of the table.


class Translation(Struct):
    name: str
    description: str = ""
    wording: str = ""


class Topic(Struct):
    name: str
    description: str = ""
    wording: str = ""
    requires_opt_in: bool = default(models.Topic, "requires_opt_in")
    on_preference_page: bool = default(models.Topic, "is_public")
    shares_personal_data: bool = default(models.Topic, "is_shared")
    translations: dict[str, Translation] = {}  # By language.


class RegionRule(Struct):
    opt_in: bool = default(models.RegionRule, "opt_in")
    law: str = ""


class Regions(Struct):
    """The rules of some laws, and over them rules of single regions; `default` is for every other, and unknown."""

    presets: list[Law] = []
    rules: dict[str, RegionRule] = {}


class Brand(Struct):
    name: str = ""
    logo_file: str = ""
    accent: str = default(models.Brand, "accent")
    privacy_url: str = ""


class DoubleOptIn(Struct):
    template: str
    sender: str
