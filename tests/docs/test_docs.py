"""What the documents say must be so: their links, and the lists that operators rely on."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
APPS = ("automation", "config", "suppression", "templates_app", "webhooks")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


# The sandbox logs for itself; dialects quote the words of ESPs.
NOT_OURS = {"sandbox", "dialects"}


def sources():
    files = (file for app in APPS for file in (ROOT / app).rglob("*.py") if NOT_OURS.isdisjoint(file.parts))
    return "\n".join(file.read_text() for file in files)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_link_to_a_file_leads_to_one(document):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text())

    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_warning_in_the_logs_is_explained_to_operators():
    events = set(re.findall(r"log\.(?:warning|error|exception)\(\s*\"(\w+)\"", sources()))

    assert {event for event in events if f"`{event}`" not in OPERATIONS} == set()


def test_every_environment_variable_is_explained_to_operators():
    settings = (ROOT / "config" / "settings.py").read_text()
    names = set(re.findall(r"env\.\w+\(\"([A-Z_]+)\"", settings))

    assert len(names) > 10
    assert {name for name in names if f"`{name}`" not in OPERATIONS} == set()


@pytest.mark.parametrize("word", ["blacklist", "subscriber", "campaign", "journey"])
def test_code_keeps_to_the_glossary(word):
    assert word not in sources().lower()
