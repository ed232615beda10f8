"""Routes: a list, and its order counts."""

from collections.abc import Sequence

from automation.core.json import JsonObject
from automation.delivery.models import Route
from automation.management.configuration import shape
from automation.management.configuration.changes import Change
from automation.management.configuration.faults import Path
from automation.management.configuration.writer import Writer


def write_routes(writer: Writer, wanted: Sequence[shape.Route]) -> Change | None:
    """The file names all of them or none, since each has a meaning only among the others."""
    paths: dict[str, Path] = {str(position): ("routes", position - 1) for position, _ in enumerate(wanted, start=1)}
    rows = {position: _fields(writer, wanted[index], paths[position]) for index, position in enumerate(paths)}
    fields = {position: row for position, row in rows.items() if row is not None}
    is_new = not Route.objects.exists()
    _number()
    details = writer.write_parts(Route, {}, "position", fields, label="route", paths=paths)
    return None if details is None or len(fields) < len(rows) else Change("routes", is_new and bool(fields), details)


def _number() -> None:
    """Give each its place in the order as its position, as the file does; in the admin, positions may leave gaps."""
    for position, route in enumerate(Route.objects.all(), start=1):
        if route.position != position:
            Route.objects.filter(pk=route.pk).update(position=position)


def _fields(writer: Writer, wanted: shape.Route, path: Path) -> JsonObject | None:
    """The columns of one route. None, and faults, if it refers to what is not there."""
    references = [("account", "esp_accounts", wanted.account)]
    if wanted.topic:
        references.append(("topic", "topics", wanted.topic))
    if wanted.sender:
        references.append(("sender", "senders", wanted.sender))
    found = {name: writer.find(section, key, (*path, name)) for name, section, key in references}
    if None in found.values():
        return None
    return {"lane": wanted.lane or "", "region": wanted.region.upper(), "topic": None, "sender": None, **found}
