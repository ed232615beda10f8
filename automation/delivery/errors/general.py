"""What HTTP statuses mean where a provider's own rows say nothing. What fits no row at all may have been taken."""

from automation.delivery.errors.base import Row
from automation.delivery.outcomes import Outcome

_URL = "The address of the API leads nowhere: look at the account's API URL."

GENERAL = (
    *(Row(Outcome.ACCOUNT, status=status, do=_URL) for status in (301, 307, 308, 404, 405)),
    Row(Outcome.ACCOUNT, status=401, do="The ESP does not know this key: look at the account's settings."),
    Row(Outcome.ACCOUNT, status=402, do="The ESP wants to be paid: see to the plan or the credits there."),
    Row(Outcome.ACCOUNT, status=403, do="The ESP forbids it: look at the key's rights and at the account there."),
    Row(Outcome.UNKNOWN, status=408),
    Row(Outcome.UNKNOWN, status=409),  # Something else is being done with the same; it may be this.
    Row(Outcome.THROTTLED, status=421),
    Row(Outcome.THROTTLED, status=425),
    Row(Outcome.THROTTLED, status=429),
    Row(Outcome.REJECTED, status=range(400, 500)),
    # Who names a time has not taken it (RFC 9110 §15.6.4). Else, 503 is also what proxies say when the server behind
    # them broke off, and then it may have.
    Row(Outcome.THROTTLED, status=503, names_pause=True),
)
