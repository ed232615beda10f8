"""Which opens and clicks a person made, as a table; and all that is known of a mail is judged together."""

from datetime import UTC, datetime, timedelta
from time import perf_counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.delivery.machines import Engaged, judge

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PERSON = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"


def engaged(number: int = 0, **fields) -> Engaged:
    known = {"is_click": False, "at": NOON + timedelta(minutes=5), "url": "", "agent": PERSON, "flagged": False}
    return Engaged(UUID(int=number), **{**known, **fields})


def clicks(*seconds: float, urls: str = "abcdefgh") -> list[Engaged]:
    """Of one link each, so long after five past twelve."""
    at = NOON + timedelta(minutes=5)
    return [
        engaged(number, is_click=True, url=url, at=at + timedelta(seconds=second))
        for number, (second, url) in enumerate(zip(seconds, urls, strict=False))
    ]


def signs_of(*told: Engaged, delivered_at: datetime | None = NOON) -> list[list[str]]:
    signs = judge(told, delivered_at)
    return [signs[one.key] for one in told]


@pytest.mark.parametrize(
    ("agent", "is_machine"),
    [
        (PERSON, False),
        ("", False),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile",
            False,
        ),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", False),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", False),
        ("Mozilla/5.0 (Linux; Android 9; CUBOT_X19) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0", False),
        ("Microsoft Outlook 16.0", False),
        ("Mozilla/5.0", True),
        (" mozilla/5.0 ", True),
        ("Mozilla/5.0 (compatible; bingbot/2.0)", True),
        ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", True),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 BingPreview/1.0b", True),
        ("BarracudaCentral Link Scanner", True),
        ("python-requests/2.32", True),
        ("curl/8.5.0", True),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0", True),
    ],
)
def test_some_programs_are_known_for_machines(agent: str, is_machine: bool) -> None:
    assert signs_of(engaged(agent=agent)) == [["agent"] if is_machine else []]


@pytest.mark.parametrize(("seconds", "is_machine"), [(-30, True), (0, True), (4.9, True), (5, False), (60, False)])
@pytest.mark.parametrize("is_click", [True, False])
def test_nobody_reads_within_seconds_of_the_delivery(seconds: float, is_machine: bool, is_click: bool) -> None:
    one = engaged(at=NOON + timedelta(seconds=seconds), is_click=is_click)

    assert signs_of(one) == [["too_soon"] if is_machine else []]
    assert signs_of(one, delivered_at=None) == [[]]


@pytest.mark.parametrize(
    ("seconds", "urls", "machines"),
    [
        ([0, 0, 0], "abc", 3),
        ([0, 1, 2], "abc", 3),
        ([0, 1, 2.1], "abc", 0),
        ([0, 0], "ab", 0),
        ([0, 0, 0, 0], "aabb", 0),
        ([0, 0, 1, 1, 60], "abcda", 4),
        ([0, 1.5, 3, 4.5], "abcd", 0),
        ([0, 1, 2, 3, 4], "abcab", 5),
    ],
)
def test_nobody_follows_several_links_at_once(seconds: list[float], urls: str, machines: int) -> None:
    told = clicks(*seconds, urls=urls)

    assert sum(signs == ["links_at_once"] for signs in signs_of(*told)) == machines


def test_what_the_esp_says_counts_and_all_signs_are_told() -> None:
    first = engaged(flagged=True, agent="Mozilla/5.0", at=NOON)

    assert signs_of(first) == [["esp", "agent", "too_soon"]]


def test_a_thousand_clicks_at_once_are_judged_within_a_moment() -> None:
    told = [engaged(number, is_click=True, url=f"https://example.com/{number % 7}") for number in range(1_000)]

    began = perf_counter()

    assert all(signs == ["links_at_once"] for signs in signs_of(*told))
    assert perf_counter() - began < 2.0


@given(st.permutations(clicks(0, 0.5, 1, 3, 4, 4, 5, 90)))
def test_the_order_makes_no_difference(told: list[Engaged]) -> None:
    assert judge(told, NOON) == judge(sorted(told), NOON)
