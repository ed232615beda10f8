import pytest

from automation.flows.models import Flow
from automation.flows.pause import archive, pause, resume
from automation.flows.publish import publish
from tests.factories import make_flow, make_live_flow

pytestmark = pytest.mark.django_db

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


def test_publishing_brings_an_archived_flow_back():
    flow = make_live_flow()
    archive(flow=flow)

    publish(flow=flow)

    flow.refresh_from_db()
    assert (flow.status, flow.live_version.number) == ("live", 1)
