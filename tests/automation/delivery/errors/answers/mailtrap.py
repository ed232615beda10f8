from automation.delivery.outcomes import Outcome
from tests.automation.delivery.errors.answers.case import Case

_DEMO = "Demo domains can only be used to send emails to account owners. You can only send testing emails to your own."

CASES = [
    Case("key", 401, {"success": False, "errors": ["Unauthorized"]}, Outcome.ACCOUNT),
    Case("demo domain", 403, {"success": False, "errors": [_DEMO]}, Outcome.ACCOUNT),
    Case("fault", 400, {"success": False, "errors": ["'subject' is required"]}, Outcome.REJECTED),
    Case("fault with 200", 200, {"success": False, "errors": ["'subject' is required"]}, Outcome.REJECTED),
    Case("nothing said", 200, {"success": False}, Outcome.UNKNOWN),
    Case("taken", 200, {"success": True, "message_ids": ["esp-1"]}, Outcome.ACCEPTED),
]
