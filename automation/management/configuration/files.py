"""Texts that stand in the file itself, or in another one that it names."""

from msgspec import Struct

from automation.management.configuration.faults import Path
from automation.management.configuration.source import can_be_stored
from automation.management.configuration.writer import Writer


def text_of(writer: Writer, wanted: Struct, name: str, path: Path) -> str | None:
    """What `wanted` has under `name`, or in the file that `{name}_file` names. None, and a fault, if neither can be."""
    inline: str = getattr(wanted, name)
    file: str = getattr(wanted, f"{name}_file")
    if not file:
        return inline
    place = (*path, f"{name}_file")
    if inline:
        writer.faults.add(place, f"There is also {name}. Leave one of them out.")
        return None
    try:
        text = (writer.folder / file).read_text(encoding="utf-8")
    except OSError as error:
        writer.faults.add(place, f"{file} cannot be read: {error.strerror}.")
    except ValueError:  # Not UTF-8, or a name that no file can have.
        writer.faults.add(place, f"{file} is not a text in UTF-8.")
    else:
        if can_be_stored(text):
            return text
        writer.faults.add(place, f"{file} holds a character that cannot be stored.")
    return None
