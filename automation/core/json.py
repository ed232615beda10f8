"""The JSON types of this code: what a payload, an attribute or a template value may be."""

from collections.abc import Mapping
from typing import Any

# `Any` for what is inside: JSON is checked where it comes in (event schemas, rule parser), not by the type checker.
Json = Any
JsonObject = dict[str, Any]
Facts = Mapping[str, Any]
