"""Django's PostgreSQL backend, except that a connection in steady use is not tried before each request."""

from time import monotonic

from django.db.backends.postgresql import base

# A connection that answered is believed in for so long. Longer, and after a restart of PostgreSQL each thread fails for
# so long with its first request, and no more: whoever met an error asks first the next time, as always.
BELIEVED_S = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    _believed_until = 0.0

    def close_if_health_check_failed(self) -> None:
        if monotonic() < self._believed_until:
            self.health_check_done = True  # Or it would be tried in a transaction, whose end that could spoil.
            return
        super().close_if_health_check_failed()
        self._believed_until = monotonic() + BELIEVED_S
