"""What each language has to say."""

from typing import NamedTuple


class Words(NamedTuple):
    """“{topic}” is the name of a topic, in its readers' language where there is one."""

    itself: str  # The language's name, in it.
    language: str  # What the choice of languages is called, to screen readers.

    unsubscribe: str
    unsubscribe_from: str
    takes_effect: str
    stop_topic: str
    stop_all: str
    stop_all_too: str
    not_affected: str
    unsubscribed: str
    no_more_of: str
    no_more: str
    choose_instead: str

    preferences: str
    preferences_why: str
    save: str
    saved: str
    none_of_it: str
    subscribed: str
    cannot_be_mailed: str
    agree_to: str  # The wording of a topic that has none of its own.

    confirm: str
    confirm_why: str
    confirm_button: str
    confirmed: str
    confirmed_why: str
    not_you: str

    bad_link: str
    bad_link_why: str
    bad_link_then: str

    privacy_signal: str
    privacy_policy: str
