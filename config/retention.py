"""How long what is over is kept: from the environment, in days, for each table that retention empties."""

from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured
from environ import Env

# CAN-SPAM wants opt-outs by the link of a mail to work for 30 days, ESPs repeat webhook calls for days, and whoever
# looks into a complaint needs the facts. Nothing younger than this is deleted, whatever the settings say.
FLOOR = timedelta(days=35)
# By name, the days if the environment says nothing. 0: for ever. What decisions rest upon is kept until somebody
# chooses otherwise; what only repeats it, or is about people and done with, is not.
DAYS = {
    "events": 0,
    "messages": 0,
    "step_runs": 0,
    "hook_calls": 90,
    "webhook_calls": 90,
    "lists": 90,
    "strikes": 365,
}


def read(env: Env) -> dict[str, timedelta | None]:
    """How long each is kept; None: for ever. Raises ImproperlyConfigured, naming the variable."""
    return {name: _read(env, f"KEEP_{name.upper()}_DAYS", default) for name, default in DAYS.items()}


def _read(env: Env, variable: str, default: int) -> timedelta | None:
    days = env.int(variable, default=default)
    if days == 0:
        return None
    if days < FLOOR.days:
        raise ImproperlyConfigured(f"{variable} is {days}: 0 keeps for ever, or it must be {FLOOR.days} or more.")
    return timedelta(days=days)
