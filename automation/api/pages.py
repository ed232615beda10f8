"""Lists that are read page by page: each answer says, as `next`, after what the following page begins."""

from django.http import QueryDict

from automation.core.faults import Fault, Refused

PAGE = 100
MAX_PAGE = 1_000


def read_page(query: QueryDict) -> tuple[int, int]:
    """Where a page of the list begins, and how long it is. Raises Refused."""
    after = _number(query, "after", 0, most=2**63 - 1)
    return after, max(_number(query, "limit", PAGE, most=MAX_PAGE), 1)


def _number(query: QueryDict, name: str, default: int, *, most: int) -> int:
    given = query.get(name, str(default))
    if not (given.isascii() and given.isdecimal() and len(given) < 20 and int(given) <= most):
        raise Refused(Fault("", "bad_number", f"“{name}” is a number from 0 to {most}."))
    return int(given)
