"""GET /api/v1/segments/…: backend services see which segments there are, and who is in them."""

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from automation.api import openapi_segments as openapi
from automation.api.endpoint import Endpoint
from automation.api.models import Scope
from automation.api.pages import read_page
from automation.core.json import JsonObject
from automation.segments.models import Segment


class SegmentsView(Endpoint):
    scope = Scope.SEGMENTS_READ

    @extend_schema(**openapi.LIST_SEGMENTS)
    def get(self, request: Request) -> Response:
        after, limit = read_page(request.query_params)
        rows = list(Segment.objects.with_size().filter(pk__gt=after).order_by("pk")[:limit])
        return Response({"segments": [_shown(row) for row in rows], "next": rows[-1].pk if rows else None})


class SegmentView(Endpoint):
    scope = Scope.SEGMENTS_READ

    @extend_schema(**openapi.GET_SEGMENT)
    def get(self, request: Request, key: str) -> Response:
        return Response(_shown(_find(key)))


class MembersView(Endpoint):
    scope = Scope.SEGMENTS_READ

    @extend_schema(**openapi.LIST_MEMBERS)
    def get(self, request: Request, key: str) -> Response:
        after, limit = read_page(request.query_params)
        members = _find(key).members.filter(contact_id__gt=after).order_by("contact_id")  # As its index has them.
        rows = list(members.values_list("contact_id", "contact__external_id", "since")[:limit])
        shown = [{"external_id": external_id, "since": since} for _, external_id, since in rows]
        return Response({"members": shown, "next": rows[-1][0] if rows else None})


def _find(key: str) -> Segment:
    segment = Segment.objects.with_size().filter(key=key).first()
    if segment is None:
        raise NotFound("There is no segment with this key.")
    return segment


def _shown(segment: Segment) -> JsonObject:
    return {
        "key": segment.key,
        "name": segment.name,
        "description": segment.description,
        "members": segment.size,  # type: ignore[attr-defined]  # By with_size.
        "is_filled": segment.is_filled,
    }
