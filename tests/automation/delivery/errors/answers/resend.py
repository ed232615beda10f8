from datetime import timedelta

from automation.delivery.outcomes import Outcome
from tests.automation.delivery.errors.answers.case import Case


def _fault(status, name, message, outcome, **more):
    return Case(f"{name} {status}", status, {"statusCode": status, "name": name, "message": message}, outcome, **more)


CASES = [
    _fault(400, "invalid_idempotency_key", "The key must be between 1-256 chars.", Outcome.REJECTED),
    _fault(400, "validation_error", "We found an error with one or more fields in the request.", Outcome.REJECTED),
    _fault(401, "missing_api_key", "Missing API key in the authorization header.", Outcome.ACCOUNT),
    _fault(401, "restricted_api_key", "This API key is restricted to only send emails.", Outcome.ACCOUNT),
    _fault(403, "invalid_api_key", "API key is invalid.", Outcome.ACCOUNT),
    _fault(403, "validation_error", "The example.com domain is not verified.", Outcome.ACCOUNT),
    _fault(
        403,
        "validation_error",
        "You can only send testing emails to your own email address (owner@example.com).",
        Outcome.ACCOUNT,
    ),
    _fault(404, "not_found", "The requested endpoint does not exist.", Outcome.ACCOUNT),
    _fault(405, "method_not_allowed", "Method is not allowed for the requested path.", Outcome.ACCOUNT),
    _fault(
        409,
        "invalid_idempotent_request",
        "Same idempotency key used with a different request payload.",
        Outcome.UNKNOWN,
    ),
    _fault(
        409,
        "concurrent_idempotent_requests",
        "Same idempotency key used while original request is still in progress.",
        Outcome.UNKNOWN,
    ),
    _fault(422, "invalid_from_address", "Invalid from field.", Outcome.ACCOUNT),
    _fault(422, "validation_error", "Invalid `from` field. The email address needs to follow …", Outcome.ACCOUNT),
    _fault(
        422,
        "validation_error",
        "Invalid `to` field. The email address needs to follow the `email@example.com` format.",
        Outcome.REJECTED,
        address_refused=True,
    ),
    _fault(422, "missing_required_field", "The request body is missing one or more fields.", Outcome.REJECTED),
    _fault(
        429,
        "rate_limit_exceeded",
        "Too many requests. Please limit the number of requests per second.",
        Outcome.THROTTLED,
        headers={"ratelimit_reset": "1", "retry_after": "2"},
        pause=timedelta(seconds=2),
    ),
    _fault(
        429,
        "rate_limit_exceeded",
        "Too many requests.",
        Outcome.THROTTLED,
        headers={"ratelimit_reset": "1"},
        pause=timedelta(seconds=1),
    ),
    _fault(
        429,
        "daily_quota_exceeded",
        "You have reached your daily email sending quota.",
        Outcome.THROTTLED,
        headers={"ratelimit_reset": "1", "retry_after": "1"},  # These are about the rate.
        pause=timedelta(hours=1),
    ),
    _fault(429, "monthly_quota_exceeded", "You have reached your monthly email sending quota.", Outcome.ACCOUNT),
    _fault(451, "security_error", "We may have found a security issue with the request.", Outcome.REJECTED),
    _fault(500, "application_error", "An unexpected error occurred.", Outcome.UNKNOWN),
    _fault(500, "internal_server_error", "An unexpected error occurred.", Outcome.UNKNOWN),
]
