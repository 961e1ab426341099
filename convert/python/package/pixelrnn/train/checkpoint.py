"""Everything a training goes on from, in one file that is whole or not there. No worker has a part of its own in it."""

import io
from pathlib import Path
from typing import Any

import torch

from .. import files


class CheckpointError(Exception):
    """A checkpoint that cannot be gone on from."""

    def __init__(self, path: Path, reason: str):
        super().__init__(f"cannot go on from {path}: {reason}; remove it, or name another folder, to begin anew")


def write(path: Path, identity: dict[str, Any], state: dict[str, Any]) -> None:
    """Writes a training's state."""
    contents = io.BytesIO()
    torch.save({"identity": identity, "state": state}, contents)
    files.write(path, contents.getvalue())


def read(path: Path, identity: dict[str, Any], device: torch.device) -> dict[str, Any]:
    """Reads a training's state, if it is that of the same training."""
    try:
        checkpoint = torch.load(path, map_location=device, weights_only=True)
        was, state = checkpoint["identity"], checkpoint["state"]
    except OSError as error:
        raise CheckpointError(path, str(error)) from error
    except Exception as error:
        raise CheckpointError(path, f"it is no checkpoint of this program ({type(error).__name__})") from error
    for name, value in identity.items():
        if was.get(name) != value:
            raise CheckpointError(path, f"it was begun with {name} {was.get(name)}, not {value}")
    return state
