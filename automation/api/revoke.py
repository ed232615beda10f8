"""Revoking an API key."""

from django.utils import timezone

from automation.api.models import ApiKey


def revoke(*, key: ApiKey) -> bool:
    """Refuse it from now on; processes that have just used it notice within keys.FRESH_S. False if it was revoked."""
    return ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now()) == 1
