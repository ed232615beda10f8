"""Chance: where a contact falls between 0 and 1, for each purpose of each flow, and always the same.

Rollouts, holdouts and splits ask it. There is no `random()` anywhere: a retry, another worker and next year's question
get the same answer, in Python and in SQL. A share of contacts is told by a comparison, `draw(…) < percent / 100`: no
remainder is taken, so no part is favoured (by more than 2⁻⁴⁸), and a larger share holds everybody of a smaller one.
"""

import hashlib
import hmac
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from django.conf import settings

_BYTES = 6  # 48 bits: exact in a float, whose mantissa has 53.
_SCALE = 2.0 ** (8 * _BYTES)


def draw(contact_id: int, flow_key: str, purpose: str) -> float:
    """The contact's place in [0, 1). Purposes (`rollout`, `split:<step>`) and flows are independent of each other."""
    digest = hashlib.sha256(prefix(flow_key, purpose) + contact_id.to_bytes(8, "big", signed=True)).digest()
    return int.from_bytes(digest[:_BYTES], "big") / _SCALE


def draw_sql(contact_id: str) -> str:
    """`draw` for PostgreSQL: an expression over a bigint column, to be given `prefix(…)` for its one %s."""
    digest = f"sha256(%s::bytea || int8send({contact_id}))"
    return (
        f"(('x' || encode(substring({digest} FOR {_BYTES}), 'hex'))::bit({8 * _BYTES})::bigint / {_SCALE:.1f}::float8)"
    )


def choose(weights: Sequence[float], place: float) -> int:
    """Which of the shares 0, 1, … `place` lies in. Weights are not negative, and one at least is more than 0."""
    bounds = list(accumulate(weights))
    return next(index for index, bound in enumerate(bounds) if place * bounds[-1] < bound)


def prefix(flow_key: str, purpose: str) -> bytes:
    """What is hashed before the contact's id. The key itself never reaches the database, whose logs may show it."""
    return _prefix(settings.CHANCE_KEY, flow_key, purpose)


@lru_cache(maxsize=4096)
def _prefix(key: str, flow_key: str, purpose: str) -> bytes:
    return hmac.digest(key.encode(), f"{len(flow_key)}:{flow_key}{purpose}".encode(), "sha256")
