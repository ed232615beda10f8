"""Drafts are compiled and tried in a child process: what they can do to it, they cannot do to ours.

Deeply nested markup crashes the MJML and CSS libraries, and templates can be written that eat time and memory.
"""

import os
import subprocess
import sys
from pathlib import Path

import msgspec

from templates_app.child import TOO_MUCH, Order
from templates_app.draft import JSON, Draft
from templates_app.faults import Fault
from templates_app.prepare import Prepared

# The child limits its own CPU; this only ends what hangs. Shorter, and a busy machine refuses good templates.
SECONDS = 15
_MESSAGE = "Compiling it took too much time or memory. Look for endless loops and for very deeply nested elements."
_ROOT = Path(__file__).resolve().parent.parent


def prepare_apart(draft: Draft, samples: dict[str, JSON]) -> Prepared:
    """`prepare`, where it does no harm. Takes about 0.2 s. What ends the child is a fault of the draft."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", "templates_app.child"],
            input=msgspec.json.encode(Order(draft, samples)),
            capture_output=True,
            timeout=SECONDS,
            cwd=_ROOT,
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _too_much()
    if child.returncode < 0 or child.returncode == TOO_MUCH:
        return _too_much()
    if child.returncode:
        raise RuntimeError(f"Preparing a template failed: {child.stderr.decode(errors='replace')[-2000:]}")
    return msgspec.json.decode(child.stdout, type=Prepared)


def _too_much() -> Prepared:
    return Prepared(faults=[Fault("", _MESSAGE)])
