"""The peers' virtual environment: made when first needed, and anew when requirements/bench.txt has changed."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local.process import ROOT

HOME = ROOT / "var" / "peers"
PINNED = ROOT / "requirements" / "bench.txt"
PYTHON = HOME / "bin" / "python"
_STAMP = HOME / ".installed"
# As deploy/local/bootstrap: trust what this machine trusts, build nothing.
_UV = {"UV_SYSTEM_CERTS": "1", "UV_PYTHON_DOWNLOADS": "never"}


def prepare() -> Path:
    """The interpreter that has the peers. Idempotent; a half-made environment is made anew."""
    wanted = hashlib.sha256(PINNED.read_bytes()).hexdigest()
    if not _STAMP.exists() or _STAMP.read_text() != wanted:
        shutil.rmtree(HOME, ignore_errors=True)
        _uv("venv", "--python", sys.executable, HOME)
        _uv("pip", "sync", "--no-build", "--require-hashes", "--compile-bytecode", "--python", PYTHON, PINNED)
        _STAMP.write_text(wanted)
    return PYTHON


def _uv(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "uv", *map(str, arguments), "--quiet"]
    subprocess.run(command, check=True, env={**os.environ, **_UV})
