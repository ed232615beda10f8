"""Publish a flow, and say what becomes of those who wait in its older versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from automation.core.wake import wake
from automation.enrollments.migration_plan import MigrationPlan
from automation.flows.definition import of_version
from automation.flows.models import Flow, FlowVersion
from automation.flows.publish import publish

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

Action = MigrationPlan.Action


@dataclass(frozen=True, slots=True)
class Choice:
    """For those who wait for a step of a version. Who is not chosen for stays on the version that they walk."""

    from_version_id: int
    step_key: str
    action: MigrationPlan.Action
    to_step_key: str = ""  # Of the version to be published.


class PlanInvalid(Exception):
    """The plan is not for this draft: it moves people to a step that there is not, or was made for another one."""


@transaction.atomic
def publish_with_plan(
    *, flow: Flow, choices: Sequence[Choice], by: "AbstractBaseUser | None" = None, looked_at: str = ""
) -> FlowVersion:
    """Version and plan begin to hold together; the people are moved soon after, by the migrate pump.

    Raises FlowInvalid or PlanInvalid, and changes nothing. A choice takes the place of an earlier one for the same
    people that is not done yet. `looked_at` is the content hash of the draft that the plan was made for; empty:
    whatever the draft says.
    """
    version = publish(flow=flow, by=by)
    if looked_at not in {"", version.content_hash}:
        raise PlanInvalid("The draft has been changed meanwhile. See below what publishing it would do now.")
    _check(choices, version)
    at = timezone.now()
    for choice in choices:  # As many as people chose by hand.
        there = {"from_version_id": choice.from_version_id, "step_key": choice.step_key}
        MigrationPlan.objects.filter(**there, done_at=None).update(done_at=at)
        MigrationPlan.objects.create(
            **there,
            action=choice.action,
            to_version=version,
            to_step_key=choice.to_step_key,
            planned_at=at,
            planned_by_id=by.pk if by else None,
        )
    if choices:
        wake("automation.migrate")
    return version


def _check(choices: Sequence[Choice], version: FlowVersion) -> None:
    ours = set(FlowVersion.objects.filter(flow=version.flow_id).values_list("id", flat=True))
    steps = of_version(version).steps
    for choice in choices:
        if choice.from_version_id not in ours:
            raise PlanInvalid("That version is of another flow.")
        if choice.action == Action.MOVE and choice.to_step_key not in steps:
            raise PlanInvalid(f"There is no step “{choice.to_step_key}” to move people to.")
