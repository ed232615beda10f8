"""What answers where nothing is."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from automation.api.endpoint import Endpoint


@extend_schema(exclude=True)
class Nowhere(Endpoint):
    """404 for every method, with or without a key."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("There is nothing here. Addresses end with a slash, and /api/docs/ lists them.")
