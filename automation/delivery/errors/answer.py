"""What came back of a call, by HTTP or by botocore, in one form."""

from collections.abc import Mapping
from typing import NamedTuple

import requests
from requests.structures import CaseInsensitiveDict

from automation.core.json import Json, JsonObject
from automation.delivery.errors.words import MAX_WORD

UNREADABLE = "The answer cannot be read."


class Answer(NamedTuple):
    status: int | None
    headers: Mapping[str, str]
    body: Json


def read_answer(response: requests.Response | JsonObject | None) -> Answer:
    """Of `requests`, or as botocore has read it. None: Anymail made no call."""
    if response is None:
        return Answer(None, {}, None)
    if isinstance(response, dict):
        about = response.get("ResponseMetadata", {})
        return Answer(about.get("HTTPStatusCode"), CaseInsensitiveDict(about.get("HTTPHeaders", {})), response)
    return Answer(response.status_code, response.headers, _body(response))


def _body(response: requests.Response) -> Json:
    """The answer's JSON; else its text, unless that is a page or the like."""
    try:
        return response.json()
    except (ValueError, RecursionError):
        text = response.content[:MAX_WORD].decode(errors="replace")
        return UNREADABLE if "<" in text or not text else text
