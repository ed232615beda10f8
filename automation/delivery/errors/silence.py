"""Calls that brought no answer. Only if no connection was made can the ESP not have the message."""

from ssl import SSLCertVerificationError

import requests
from urllib3.exceptions import NewConnectionError

from automation.delivery.errors import amazon_ses
from automation.delivery.outcomes import Outcome, SendResult


class NeverConnected(requests.ConnectionError):
    """No connection could be made: refused, unreachable, no such name, no TLS."""


# Of TLS errors only that of a certificate surely comes before the first byte of the request.
_BEFORE_THE_REQUEST = (
    requests.ConnectTimeout,
    requests.exceptions.ProxyError,
    NeverConnected,
    NewConnectionError,
    SSLCertVerificationError,
)
# What requests refuses to even try, because of the account's settings.
_NOT_A_REQUEST = (
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
)


def without_answer(error: BaseException) -> SendResult:
    """What it means that a call ended with `error` and no answer. Of requests' errors and of botocore's."""
    causes = _causes(error)
    detail = type(causes[-1]).__name__
    known = {kind.__name__ for cause in causes for kind in type(cause).__mro__}
    if any(isinstance(cause, _NOT_A_REQUEST) for cause in causes) or known & amazon_ses.NOT_A_REQUEST:
        return SendResult(Outcome.ACCOUNT, detail=f"The account's settings make no request: {detail}.")
    if any(isinstance(cause, _BEFORE_THE_REQUEST) for cause in causes) or known & amazon_ses.BEFORE_THE_REQUEST:
        return SendResult(Outcome.NEVER_LEFT, detail=detail)
    return SendResult(Outcome.UNKNOWN, detail=detail)


def _causes(error: BaseException) -> list[BaseException]:
    """The error and all that it was raised from, also where requests hides them in `args`. The root is last."""
    chain: list[BaseException] = [error]
    while True:
        last = chain[-1]
        reason = getattr(last, "reason", None)
        inner = next((e for e in (last.__cause__, reason, *last.args) if isinstance(e, BaseException)), None)
        if inner is None or inner in chain:
            return chain
        chain.append(inner)
