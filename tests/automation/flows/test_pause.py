from functools import partial

import pytest

from automation.flows.models import Flow
from automation.flows.pause import archive, pause, resume
from automation.flows.publish import publish
from tests.factories import make_flow, make_live_flow

pytestmark = pytest.mark.django_db

pause = partial(pause, reason="too many complaints", by="ana")
MOVES = {"pause": pause, "resume": resume, "archive": archive}


@pytest.mark.parametrize(
    ("status", "move", "after"),
    [
        ("live", "pause", "paused"),
        ("paused", "resume", "live"),
        ("draft", "archive", "archived"),
        ("live", "archive", "archived"),
        ("paused", "archive", "archived"),
        ("draft", "pause", None),
        ("paused", "pause", None),
        ("archived", "pause", None),
        ("draft", "resume", None),
        ("live", "resume", None),
        ("archived", "resume", None),
        ("archived", "archive", None),
    ],
)
def test_a_flow_moves_only_where_it_may(status, move, after):
    flow = make_flow(status=status)

    assert MOVES[move](flow=flow) == (after is not None)
    assert Flow.objects.get().status == (after or status)


def paused(flow):
    flow.refresh_from_db()
    return flow.status, flow.paused_by, flow.paused_reason, flow.paused_at is not None


def test_a_paused_flow_says_who_paused_it_and_why_and_only_the_first_counts():
    flow = make_live_flow()

    pause(flow=flow)
    pause(flow=flow, reason="another", by="ben")

    assert paused(flow) == ("paused", "ana", "too many complaints", True)


@pytest.mark.parametrize(("move", "status"), [(resume, "live"), (archive, "archived")])
def test_what_is_no_longer_paused_does_not_say_so(move, status):
    flow = make_live_flow()
    pause(flow=flow)

    move(flow=flow)

    assert paused(flow) == (status, "", "", False)


def test_a_paused_flow_that_is_published_still_says_so():
    flow = make_live_flow()
    pause(flow=flow)

    publish(flow=flow)

    assert paused(flow) == ("paused", "ana", "too many complaints", True)


def test_a_reason_longer_than_its_column_is_cut():
    flow = make_live_flow()

    pause(flow=flow, reason="long " * 100, by="ana" * 100)

    assert paused(flow)[0] == "paused"


def test_the_brakes_do_not_heed_what_was_before_a_flow_was_resumed_or_brought_back():
    resumed, brought_back, new = make_live_flow(), make_live_flow(), make_live_flow()
    pause(flow=resumed)
    archive(flow=brought_back)

    resume(flow=resumed)
    publish(flow=brought_back)

    for flow in (resumed, brought_back, new):
        flow.refresh_from_db()
    assert resumed.brakes_from
    assert brought_back.brakes_from
    assert new.brakes_from is None


def test_publishing_brings_an_archived_flow_back():
    flow = make_live_flow()
    archive(flow=flow)

    publish(flow=flow)

    flow.refresh_from_db()
    assert (flow.status, flow.live_version.number) == ("live", 1)
