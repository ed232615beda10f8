"""Which flows listen to an event."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db import DEFAULT_DB_ALIAS

from automation.delivery.models import SenderIdentity
from automation.flows.models import FlowVersion

# As text, since having Django compile it costs more than to run it.
_LIVE = """
SELECT version.id, version.flow_id, version.number, version.trigger_id, version.lane, version.topic_id,
       version.sender_id, version.send_when,
       sender.key AS sender_key, sender.email AS sender_email, sender.account_id AS sender_account_id,
       CASE WHEN version.lane <> 'transactional' THEN (
           SELECT holdout_percent FROM automation_houserules WHERE holdout_since IS NULL OR holdout_since <= now()
       ) END AS held_out_of_all
FROM automation_flow AS flow
JOIN automation_flowversion AS version ON version.id = flow.live_version_id
JOIN automation_senderidentity AS sender ON sender.id = version.sender_id
WHERE flow.status = 'live' AND version.trigger_id = ANY(%s::bigint[])
ORDER BY flow.id
"""


def listening(event_type_ids: Iterable[int]) -> Mapping[int | None, Sequence[FlowVersion]]:
    """By event type: the versions that contacts may enter now, in a stable order, with their senders. One statement.

    Each knows what share of its contacts the house rules hold out of everything (`held_out_of_all`; None: nobody).
    Their definitions are left for `definition.of_version`, which has most of them at hand.
    """
    found: dict[int | None, list[FlowVersion]] = defaultdict(list)
    for version in FlowVersion.objects.raw(_LIVE, [list(set(event_type_ids))]):
        version.sender = _sender(version)
        found[version.trigger_id].append(version)
    return found


def _sender(version: FlowVersion) -> SenderIdentity:
    names = ["id", "key", "email", "account_id"]
    return SenderIdentity.from_db(DEFAULT_DB_ALIAS, names, [getattr(version, f"sender_{name}") for name in names])
