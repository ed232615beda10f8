"""What has to be known of an ESP to take its webhooks, as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest

from webhooks.kinds import Kind

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


class Unproven(Exception):
    """This call is not what it claims to be. The text says why, for whoever sets up the webhook, and quotes nothing."""


class Unreachable(Exception):
    """Whoever could prove this call cannot be asked now: it should be sent again."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How one ESP reports, how it proves that it is the one who does, and what its words mean."""

    view: str  # The view of Anymail (or of ours) that checks calls and reads events.
    proofs: tuple[str, ...]  # Settings of the account. Without any one of these, no call can be believed.
    settings: tuple[str, ...] = ()  # Further settings that the view takes.
    content_types: tuple[str, ...] = (JSON,)
    headers: tuple[str, ...] = ()  # What reading needs besides the body.
    # What no two calls may share. Only where a signature is not of the body, and so could be used for another.
    proven_once: Callable[[HttpRequest], str] | None = None
    # Answers a call that asks whether its sender may call at all. Raises Unproven, Unreachable.
    confirm: Callable[[HttpRequest], None] | None = None

    # Paths to the words in a raw event that tell its kind, from the general to the special: none holds free text.
    words: tuple[str, ...]
    # "word/word" to kind; the longest match counts. Only what Anymail's own word for the event does not tell.
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    # Paths to what an ESP says of a machine, in small letters, and the words by which it says so.
    machine: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    # Where a raw event has an id that stays the same when it is sent again; "": Anymail finds it, or there is none.
    event_id: str = ""

    # Where in the body its list of events stands; None: a body is one event. `form_field` holds the JSON, if any.
    events_at: tuple[str | int, ...] | None = None
    form_field: str = ""
