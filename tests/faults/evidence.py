"""What a broken case leaves behind to find the cause by: logs, journal and rows, in var/faults/."""

import json
import shutil
from pathlib import Path

from deploy.local.process import ROOT
from tests.faults.ground import Ground

FOLDER = ROOT / "var" / "faults"
TABLES = ("automation_message", "automation_attempt", "webhooks_inboxevent", "suppression_suppression")


def keep(ground: Ground, case: str) -> Path:
    """Copy it before the next case begins. Replaces what the same case left earlier."""
    folder = FOLDER / f"{case}-{ground.broker}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ground.stack.data_dir / "log", folder / "log")
    if ground.stack.journal.exists():
        shutil.copy(ground.stack.journal, folder / "journal.jsonl")
    for table in TABLES:
        rows = ground.outside.rows(f"SELECT to_jsonb(t) FROM {table} AS t ORDER BY id")
        (folder / f"{table}.jsonl").write_text("".join(json.dumps(row) + "\n" for (row,) in rows))
    return folder
