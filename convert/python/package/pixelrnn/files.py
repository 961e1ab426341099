"""Files that are whole or not there."""

import os
from pathlib import Path


def write(path: Path, contents: bytes) -> None:
    """Writes beside the file, then renames."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(contents)
    os.replace(beside, path)
