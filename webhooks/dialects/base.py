"""What has to be known of an ESP to take its webhooks, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from webhooks.kinds import Kind

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How one ESP reports, how it proves that it is the one who does, and what its words mean."""

    view: str  # The view of Anymail (or of ours) that checks calls and reads events.
    proofs: tuple[str, ...]  # Settings of the account. Without any one of these, no call can be believed.
    settings: tuple[str, ...] = ()  # Further settings that the view takes.
    content_types: tuple[str, ...] = (JSON,)
    headers: tuple[str, ...] = ()  # What reading needs besides the body.

    # Paths to the words in a raw event that tell its kind, from the general to the special: none holds free text.
    words: tuple[str, ...]
    # "word/word" to kind; the longest match counts. Only what Anymail's own word for the event does not tell.
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    # Where in the body its list of events stands; None: a body is one event. `form_field` holds the JSON, if any.
    events_at: tuple[str | int, ...] | None = None
    form_field: str = ""
