"""/api/v1/segments/: which segments there are, and who is in them, page by page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automation.api.keys import make_key
from automation.api.models import Scope
from automation.models import Segment, SegmentMember
from automation.segments.keep import keep_segments
from tests.automation.api.service import Service, assert_problem
from tests.factories import make_contact, make_segment

pytestmark = pytest.mark.django_db
PRO = {"field": "contact.attributes.plan", "op": "eq", "value": "pro"}
ALL = "/api/v1/segments/"


def make_pros(*names: str) -> Segment:
    segment = make_segment(PRO, key="pros", name="Pros", description="They pay.")
    for name in names:
        make_contact(external_id=name, attributes={"plan": "pro"})
    keep_segments()
    return segment


def test_a_segment_is_shown_with_how_many_are_in_it(service: Service):
    make_pros("ana", "bea")
    make_contact(external_id="cid")
    pros = {"key": "pros", "name": "Pros", "description": "They pay.", "members": 2, "is_filled": True}

    assert service.get(f"{ALL}pros/").json() == pros
    assert service.get(ALL).json()["segments"] == [pros]


def test_of_a_rule_that_not_everybody_has_been_asked_by_this_is_told(service: Service):
    segment = make_pros("ana")
    Segment.objects.filter(pk=segment.pk).update(fill_after=0)

    assert service.get(f"{ALL}pros/").json()["is_filled"] is False


def test_members_are_told_by_your_ids_and_since_when(service: Service):
    make_pros("ana")
    make_contact(external_id="bea")
    since = SegmentMember.objects.get().since

    [member] = service.get(f"{ALL}pros/members/").json()["members"]

    assert member == {"external_id": "ana", "since": since.isoformat().replace("+00:00", "Z")}


@pytest.mark.parametrize(("path", "name"), [(ALL, "segments"), (f"{ALL}pros/members/", "members")])
def test_lists_are_read_page_by_page(service: Service, path, name):
    make_pros(*(f"p{n}" for n in range(5)))
    for n in range(4):
        make_segment(PRO, key=f"s{n}")

    pages, after = [], 0
    while (page := service.get(f"{path}?limit=2&after={after}").json())["next"] is not None:
        pages.append([one.get("key") or one["external_id"] for one in page[name]])
        after = page["next"]

    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({one for page in pages for one in page}) == 5


def test_a_page_of_members_is_one_stretch_of_an_index(service: Service):
    """However many there are: nobody before or after the page is looked at."""
    make_pros("ana", "bea")

    with CaptureQueriesContext(connection) as asked:
        service.get(f"{ALL}pros/members/?limit=1")

    [statement] = [query["sql"] for query in asked if '"since"' in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "segment_member_once" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("path", ["nobody/", "nobody/members/", "%00/", "%0A/members/"])
def test_a_segment_that_nobody_knows_is_not_found(service: Service, path):
    assert_problem(service.get(f"{ALL}{path}"), 404)


@pytest.mark.parametrize("query", ["after=x", "limit=-1", "limit=1001"])
@pytest.mark.parametrize("path", [ALL, f"{ALL}pros/members/"])
def test_a_page_that_is_none_is_refused(service: Service, path, query):
    make_pros()

    assert_problem(service.get(f"{path}?{query}"), 422)


@pytest.mark.parametrize("path", [ALL, f"{ALL}pros/", f"{ALL}pros/members/"])
def test_each_endpoint_asks_for_its_scope(path):
    make_pros()
    _, secret = make_key(name="shop", scopes=[scope for scope in Scope if scope is not Scope.SEGMENTS_READ])

    assert_problem(Service(secret).get(path), 403)
