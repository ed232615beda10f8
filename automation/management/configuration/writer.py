"""Writing rows as the file wants them, keeping account of what that changes and of what stands against it."""

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any, Generic, NamedTuple, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from automation.management.configuration.changes import Change, differences
from automation.management.configuration.faults import Faults, Path
from automation.models import EspAccount, EventType, Flow, FrequencyCap, Segment, SenderIdentity
from suppression.models import Topic
from templates_app.models import Block, Template

Row = TypeVar("Row", bound=Model)
Fields = Mapping[str, Any]


class Section(NamedTuple):
    model: type[Model]
    identity: str  # The field that holds what the file names things by.
    singular: str


SECTIONS = {
    "event_types": Section(EventType, "name", "event type"),
    "topics": Section(Topic, "key", "topic"),
    "esp_accounts": Section(EspAccount, "key", "ESP account"),
    "senders": Section(SenderIdentity, "key", "sender"),
    "blocks": Section(Block, "key", "block"),
    "templates": Section(Template, "key", "template"),
    "segments": Section(Segment, "key", "segment"),
    "flows": Section(Flow, "key", "flow"),
    "frequency_caps": Section(FrequencyCap, "name", "frequency cap"),
}


class Written(NamedTuple, Generic[Row]):
    row: Row
    change: Change


class Writer:
    """One application of one file. If it meets faults, the caller must roll back."""

    def __init__(self, *, folder: FilePath, faults: Faults) -> None:
        self.folder = folder  # Files that the file names are looked for from here.
        self.faults = faults
        self.notes: list[str] = []
        self.faulty: set[tuple[str, str]] = set()  # (section, key) of what was met and could not be written.

    def find(self, section: str, key: str, path: Path) -> Any:
        """The row that the file refers to at `path`. None, and a fault, if there is none."""
        if (section, key) in self.faulty:
            return None  # It has faults of its own, which say enough.
        model, identity, singular = SECTIONS[section]
        row = QuerySet(model).filter(**{identity: key}).first()
        if row is None:
            self.faults.add(path, f"There is no {singular} “{key}”, neither in this file nor in the database.")
        return row

    def write(
        self, model: type[Row], path: Path, fields: Fields, *, called: Mapping[str, Path] | None = None
    ) -> Written[Row] | None:
        """Bring the row that stands at `path` in the file to `fields`. None, and faults, if it must not be so.

        `called` says where in the file a field is, if it is not called there as in the model.
        """
        section, key = str(path[0]), str(path[1])
        _, identity, singular = SECTIONS[section]
        return self.write_row(model, {identity: key}, f"{singular} {key}", path, fields, called=called)

    def write_row(
        self,
        model: type[Row],
        identity: Fields,
        what: str,
        path: Path,
        fields: Fields,
        *,
        called: Mapping[str, Path] | None = None,
    ) -> Written[Row] | None:
        """As `write`, of the row that `identity` tells from others, and that reports call `what`."""
        try:
            row, is_new, details = _write(model, identity, fields)
        except ValidationError as error:
            self._add(error, path, called or {})
            return None
        return Written(row, Change(what, is_new, details))

    def write_parts(
        self,
        model: type[Row],
        owner: Fields,
        name: str,
        parts: Mapping[str, Fields],
        *,
        label: str,
        paths: Mapping[str, Path],
        untold: str = "",
    ) -> list[str] | None:
        """Bring the rows of `owner`, told apart by the field `name`, to `parts`; remove those that are not among them.

        Returns what that changed, but for the field `untold`; None, and faults, if it must not be so. `paths` says
        where in the file each part is.
        """
        details: list[str] = []
        faultless = True
        rows: QuerySet[Row] = QuerySet(model)
        for row in rows.filter(**owner).exclude(**{f"{name}__in": list(parts)}):
            row.delete()
            details.append(f"{_label(label, getattr(row, name))}: removed")
        for key, fields in parts.items():
            try:
                _, is_new, changed = _write(model, {**owner, name: key}, fields)
            except ValidationError as error:
                self._add(error, paths[key], {})
                faultless = False
            else:
                at = _label(label, key)
                told = [detail for detail in changed if detail.partition(":")[0] != untold]
                details += [f"{at}: added"] if is_new else [f"{at}.{detail}" for detail in told]
        return details if faultless else None

    def _add(self, error: ValidationError, path: Path, called: Mapping[str, Path]) -> None:
        for name, messages in error.message_dict.items():
            where = () if name == "__all__" else called.get(name, (name,))
            for message in messages:
                self.faults.add((*path, *where), message)


def _write(model: type[Row], identity: Fields, fields: Fields) -> tuple[Row, bool, list[str]]:
    """Create or update one row. Nothing is written if nothing differs. Raises ValidationError."""
    rows: QuerySet[Row] = QuerySet(model)
    # Without `no_key`, whoever writes a row that refers to this one would wait until the whole file is applied.
    row = rows.select_for_update(no_key=True).filter(**identity).first()
    if row is None:
        row = model(**identity, **fields)
        row.full_clean()
        row.save()
        return row, True, []
    details = differences({name: getattr(row, name) for name in fields}, fields)
    if details:
        for name, value in fields.items():
            setattr(row, name, value)
        row.full_clean()
        row.save()
    return row, False, details


def _label(label: str, key: str) -> str:
    return f"{label}.{key or 'default'}"
