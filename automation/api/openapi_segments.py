"""What the OpenAPI document says of segments. See `openapi`."""

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from automation.api.openapi import NEXT, PAGE_OF_LIST, Operation, responses


class Segment(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    members = serializers.IntegerField(help_text="How many contacts are in it.")
    is_filled = serializers.BooleanField(help_text="False: its rule is new, and not everybody has been asked yet.")


class Segments(serializers.Serializer[Any]):
    segments = Segment(many=True)
    next = serializers.IntegerField(allow_null=True, help_text=NEXT)


class Member(serializers.Serializer[Any]):
    external_id = serializers.CharField(help_text="Your id of the contact.")
    since = serializers.DateTimeField()


class Members(serializers.Serializer[Any]):
    members = Member(many=True)
    next = serializers.IntegerField(allow_null=True, help_text=NEXT)


_KEY: Final = OpenApiParameter("key", OpenApiTypes.STR, OpenApiParameter.PATH, description="The segment's short name.")

LIST_SEGMENTS: Final[Operation] = {
    "operation_id": "list_segments",
    "tags": ["segments"],
    "summary": "Which segments there are, oldest first.",
    "parameters": PAGE_OF_LIST,
    "responses": responses({200: OpenApiResponse(Segments)}, 422),
}
GET_SEGMENT: Final[Operation] = {
    "operation_id": "get_segment",
    "tags": ["segments"],
    "summary": "One segment.",
    "parameters": [_KEY],
    "responses": responses({200: OpenApiResponse(Segment)}, 404),
}
LIST_MEMBERS: Final[Operation] = {
    "operation_id": "list_members",
    "tags": ["segments"],
    "summary": "Who is in a segment.",
    "description": (
        "In an order that stays. Who comes in or leaves while you read may be on one of your pages or on none; nobody "
        "is on two. To hear of each as it happens, let flows that segment.entered and segment.left trigger call a hook."
    ),
    "parameters": [_KEY, *PAGE_OF_LIST],
    "responses": responses({200: OpenApiResponse(Members)}, 404, 422),
}
