"""What all endpoints have in common."""

from typing import Any, ClassVar, cast

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from automation.api.models import ApiKey, Scope


class JsonOnly(DefaultContentNegotiation):
    """There is one representation, so what a client says it prefers cannot matter."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        renderer: BaseRenderer = renderers[0]
        return renderer, renderer.media_type


class Endpoint(APIView):
    scope: ClassVar[Scope]
    content_negotiation_class = JsonOnly
    metadata_class = None  # OPTIONS is not answered; /api/schema/ tells more.

    @property
    def key(self) -> ApiKey:
        """The key that was let in."""
        key: Any = self.request.auth
        return cast(ApiKey, key)
