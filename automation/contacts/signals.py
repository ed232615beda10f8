"""News for the stages above, which may wait for a change of what is known of a contact."""

from django.dispatch import Signal

# Sent with `contact_ids` within the transaction that changed these contacts, which holds their locks. A receiver writes
# rows or wakes on commit; what it raises undoes the change.
contacts_changed = Signal()
