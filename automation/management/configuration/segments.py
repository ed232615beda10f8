"""Segments: a row each, whose rule is in force as soon as the file is applied."""

from automation.core import rules
from automation.core.json import JsonObject
from automation.management.configuration import shape
from automation.management.configuration.changes import Change
from automation.management.configuration.faults import Path
from automation.management.configuration.writer import Writer
from automation.models import Segment
from automation.segments.faults import faults_of
from automation.segments.revise import revise


def write_segment(writer: Writer, key: str, wanted: shape.Segment) -> Change | None:
    path: Path = ("segments", key)
    faults = _faults(wanted.rule, key=key)
    for where, message in faults:
        writer.faults.add((*path, "rule", *where), message)
    fields = {"name": wanted.name, "description": wanted.description, "rule": wanted.rule}
    written = None if faults else writer.write(Segment, path, fields)
    if written is None:
        return None
    revise(written.row)
    return written.change


def _faults(rule: JsonObject, *, key: str) -> list[tuple[Path, str]]:
    if found := rules.faults_of(rule):
        return [(_path(fault.pointer), fault.message) for fault in found]
    return [((), message) for message in faults_of(rule, key=key)]


def _path(pointer: str) -> Path:
    return tuple(int(name) if name.isdecimal() else name for name in pointer.split("/")[1:])
