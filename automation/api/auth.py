"""Who calls, and what may they do? `Authorization: Bearer sp_…`, and a scope that each endpoint names."""

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from automation.api.keys import find_key, note_use
from automation.api.models import ApiKey

if TYPE_CHECKING:  # Settings name this module, and that one imports what settings name.
    from rest_framework.views import APIView


class ApiKeyAuthentication(BaseAuthentication):
    """Sets `request.auth` to the ApiKey. There is no user: a backend service is no person."""

    def authenticate(self, request: Request) -> tuple[None, ApiKey] | None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        key, at = find_key(secret.strip()), timezone.now()
        if key is None:
            raise AuthenticationFailed("This API key is not known.")
        if key.revoked_at:
            raise AuthenticationFailed("This API key was revoked.")
        if key.expires_at and key.expires_at <= at:
            raise AuthenticationFailed("This API key has expired.")
        note_use(key, at=at)
        return None, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasScope(BasePermission):
    """Asks for the scope that the view names in `scope`."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        key: Any = request.auth
        if key is None:
            raise NotAuthenticated("Send an API key, as in “Authorization: Bearer sp_…”.")
        scope = view.scope  # type: ignore[attr-defined]  # A view that names none is a bug.
        self.message = f"This API key lacks the scope {scope}."
        return scope in key.scopes
