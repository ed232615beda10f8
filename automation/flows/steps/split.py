"""split: a share of the contacts each way, the same contacts always."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from automation.core.chance import choose, draw
from automation.core.json import Facts
from automation.flows.models import Step
from automation.flows.schema import AtHand
from automation.flows.steps.base import Config, Move, StepKind
from automation.flows.steps.options import Field, Type

SHARES = Field(
    "shares", "shares", Type.PAIRS, "Shares", "One a line: step = share. Such as: send-a = 50. Any numbers will do."
)


def _faults(step: Step, at_hand: AtHand) -> list[str]:
    shares: Mapping[str, Any] = step.options.get("shares") or {}
    if len(shares) < 2:
        return ["Name two steps at least, each with its share, such as: send-a = 50."]
    if wrong := [key for key, share in shares.items() if not _is_share(share)]:
        return [f"The share of “{wrong[0]}” has to be a number above 0."]
    return []


def _is_share(share: Any) -> bool:
    return isinstance(share, int | float) and not isinstance(share, bool) and 0 < share < 1e9


def _compile(step: Step, following: str | None) -> Config:
    shares = sorted((step.options.get("shares") or {}).items())  # The database keeps no order of its own.
    return {"flow": step.flow.key, "key": step.key, "shares": shares}


def _leads_to(config: Config) -> list[str | None]:
    return [key for key, _ in config["shares"]]


def _run(config: Config, facts: Facts, at: datetime) -> Move:
    place = draw(facts["contact_id"], config["flow"], f"split:{config['key']}")
    chosen = config["shares"][choose([share for _, share in config["shares"]], place)][0]
    return Move(next=chosen, result={"place": round(place, 6), "way": chosen})


KIND = StepKind(
    "split",
    "split by chance",
    (SHARES,),
    faults=_faults,
    compile=_compile,
    leads_to=_leads_to,
    gist=lambda config: "split: " + ", ".join(f"{share:g} {key}" for key, share in config["shares"]),
    run=_run,
)
