"""News for the apps above, which keep of a person what this app does not know of."""

from django.dispatch import Signal

# Sent with `addresses`, every address that the contact was mailed at, within the transaction that erases it. A receiver
# stores or wakes on commit; what it raises undoes the erasure, since half of one is none.
contact_erased = Signal()
