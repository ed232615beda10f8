"""Who PostgreSQL runs as, since it refuses root, and where its files are then."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from deploy.local.process import Program, RunAs, child_command

# The home of what runs as `nobody`, who cannot be expected to reach the checkout.
NOBODYS_HOMES = Path("/var/lib/signalpost-local")


def choose_identity(data_dir: Path) -> RunAs:
    """Ourselves; for root a namespace in which it is an ordinary user; where the kernel refuses that, `nobody`."""
    if os.geteuid() != 0:
        return "self"
    if (data_dir / "postgres").is_symlink():
        return "nobody"  # As before: the files are nobody's.
    attempt = Program(name="namespace", command=["true"], is_ready=lambda _: True, run_as="namespace")
    refused = subprocess.run(child_command(attempt), check=False, capture_output=True).returncode
    return "nobody" if refused else "namespace"


def move_in_with_nobody(data_dir: Path) -> Path:
    """Make `data_dir/postgres` a link to a folder that nobody owns, and return that folder. Idempotent."""
    home = NOBODYS_HOMES / hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
    link = data_dir / "postgres"
    if not link.is_symlink():
        shutil.rmtree(home, ignore_errors=True)  # Of a data folder that was deleted by hand.
        home.mkdir(parents=True)
        shutil.chown(home, "nobody")
        home.chmod(0o700)
        link.symlink_to(home, target_is_directory=True)
    return home


def bring_wheel(wheel: Path, home: Path) -> Path:
    """Copy an unpacked wheel, with the libraries it expects beside it, to nobody's `home`. Returns the copy."""
    for folder in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        shutil.copytree(folder, home / folder.name, dirs_exist_ok=True)
        for path in (home / folder.name, *(home / folder.name).rglob("*")):
            shutil.chown(path, "nobody")
    return home / wheel.name


def remove(data_dir: Path) -> None:
    """Delete a data folder, and what nobody keeps elsewhere for it."""
    home = (data_dir / "postgres").resolve()
    if home.parent == NOBODYS_HOMES:
        shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(data_dir, ignore_errors=True)
