from datetime import timedelta

from automation.delivery.outcomes import Outcome
from tests.automation.delivery.errors.answers.case import Case


def _fault(status, code, message, outcome, description=None, **more):
    error = {"message": message, "code": code, **({"description": description} if description else {})}
    return Case(f"{code} {message[:30]}", status, {"errors": [error]}, outcome, **more)


def _taken(accepted, rejected):
    return {"results": {"id": "esp-1", "total_accepted_recipients": accepted, "total_rejected_recipients": rejected}}


CASES = [
    _fault(400, "7001", "Invalid domain", Outcome.ACCOUNT, "Unconfigured Sending Domain <example.com>"),
    _fault(400, "7000", "Sending domain refused", Outcome.ACCOUNT),
    _fault(
        400,
        "1902",
        "Message generation rejected",
        Outcome.REJECTED,
        "recipient address suppressed due to customer policy",
        address_refused=True,
    ),
    _fault(400, "1902", "Message generation rejected", Outcome.REJECTED),
    _fault(400, "5002", "No valid recipients in list", Outcome.REJECTED, address_refused=True),
    _fault(420, "2101", "Exceed Sending Limit (hourly)", Outcome.THROTTLED, pause=timedelta(minutes=10)),
    _fault(420, "2102", "Exceed Sending Limit (daily)", Outcome.THROTTLED, pause=timedelta(hours=1)),
    _fault(420, "2103", "Exceed Sending Limit (sandbox)", Outcome.ACCOUNT),
    _fault(420, "2105", "Exceed Sending Limit (monthly)", Outcome.ACCOUNT),
    Case("420 without words", 420, {}, Outcome.THROTTLED),
    _fault(400, "1502", "Server resources unavailable", Outcome.THROTTLED, pause=timedelta(minutes=1)),
    _fault(503, "1900", "Message generation module not available", Outcome.THROTTLED, pause=timedelta(minutes=1)),
    _fault(403, "1100", "permission denied", Outcome.ACCOUNT),
    _fault(422, "1300", "invalid data format/type", Outcome.REJECTED),
    _fault(500, "1500", "Failed to update database", Outcome.UNKNOWN),
    Case("too fast", 429, {"errors": [{"message": "Too many requests"}]}, Outcome.THROTTLED),
    Case("all rejected", 200, _taken(0, 1), Outcome.REJECTED, address_refused=True),
    Case("neither nor", 200, _taken(0, 0), Outcome.UNKNOWN),
    Case("taken", 200, _taken(1, 0), Outcome.ACCEPTED),
]
