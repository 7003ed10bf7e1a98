"""Whether the lock files are what `make lock` would write, and pin everything by hash.

Run by `make check`. Compiling again starts from a copy of the present lock files, so what they
pin stays as long as pyproject.toml allows it: a difference means that the two have drifted apart.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LOCKS = ("requirements.lock", "requirements-test.lock")


def unsafe_lines(lock: str) -> list[str]:
    """Lines that name an address, and pins without a hash."""
    entries = lock.replace("\\\n", " ").splitlines()
    return [
        entry.split(";")[0].strip()
        for entry in entries
        if entry.strip() and ("://" in entry or "--hash=sha256:" not in entry)
    ]


def compiled_again(root: Path) -> dict[str, str]:
    """What `make lock` would make of the lock files now."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("pyproject.toml", "Makefile", *LOCKS):
            shutil.copy(root / name, folder)
        (Path(folder) / ".venv").symlink_to(Path(sys.prefix))
        done = subprocess.run(
            ["make", "--silent", "lock"], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"The lock files cannot be compiled: {done.stderr.strip()}")
        return {name: (Path(folder) / name).read_text(encoding="utf-8") for name in LOCKS}


def main() -> None:
    """Exit with a sentence when something is wrong."""
    root = Path(__file__).parent.parent
    locks = {name: (root / name).read_text(encoding="utf-8") for name in LOCKS}
    for name, lock in locks.items():
        if unsafe := unsafe_lines(lock):
            sys.exit(f"{name}: “{unsafe[0]}” names an address or has no hash.")
    again = compiled_again(root)
    for name, lock in locks.items():
        if lock != again[name]:
            sys.exit(f"{name} is not what pyproject.toml asks for: `make lock` renews it.")


if __name__ == "__main__":
    main()
