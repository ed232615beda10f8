"""Settings that are one of a few words: a slip of the pen stops the start and says what it may be."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from environ import Env

from automation.core.residency import ForeignEvents
from config.choice import choice


@pytest.mark.parametrize(("said", "read"), [(None, "refuse"), ("set_aside", "set_aside"), (" Set_Aside ", "set_aside")])
def test_a_word_is_read(monkeypatch, said, read):
    if said is not None:
        monkeypatch.setenv("FOREIGN_EVENTS", said)

    assert choice(Env(), "FOREIGN_EVENTS", default=ForeignEvents.REFUSE) == read


def test_any_other_is_refused_with_what_it_may_be(monkeypatch):
    monkeypatch.setenv("FOREIGN_EVENTS", "park")

    with pytest.raises(ImproperlyConfigured, match="FOREIGN_EVENTS is “park”"):
        choice(Env(), "FOREIGN_EVENTS", default=ForeignEvents.REFUSE)
