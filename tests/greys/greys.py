"""The grey digits that binarized MNIST's training images were drawn from.

Binarized MNIST (Salakhutdinov and Murray, 2008) is one draw of MNIST: its 50,000 training and 10,000 validation images
are the 60,000 training digits, in another order. `--values sample` draws them anew each epoch, which needs the greys; but
only those of the training images, for the others would tell of the validation set.

    python tests/greys/greys.py ../shared/data greys.gz     # an idx file, gzip

Needs torch and the module of convert/python.
"""

import argparse
import gzip
from pathlib import Path

import numpy as np
import pixelrnn
import torch

PIXELS = 28 * 28
PART = 10_000
"""Greys compared with at once."""


def read(path: Path) -> np.ndarray:
    """Images of an idx file, (images, pixels)."""
    return np.stack(pixelrnn.read(str(path))).reshape(-1, PIXELS)


def sources(binary: np.ndarray, greys: np.ndarray) -> torch.Tensor:
    """For each binary image, the grey one under which it is likeliest."""
    drawn, best = torch.tensor(binary, dtype=torch.float32), torch.full((len(binary),), -torch.inf)
    found = torch.zeros(len(binary), dtype=torch.long)
    for start in range(0, len(greys), PART):
        share = (torch.tensor(greys[start : start + PART], dtype=torch.float32) / 255).clamp(1e-4, 1 - 1e-4)
        nats, place = (drawn @ share.logit().T + (1 - share).log().sum(1)).max(1)
        found, best = torch.where(nats > best, place + start, found), torch.maximum(nats, best)
    return found


def main() -> None:
    """Writes the greys of the training images."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of mnist/ and binarized-mnist/")
    parser.add_argument("out", type=Path, help="idx file to write, gzip")
    given = parser.parse_args()
    greys = read(given.data / "mnist/train-images-idx3-ubyte.gz")
    training, held_out = (
        set(sources(read(given.data / f"binarized-mnist/{name}-images-idx3-ubyte.gz"), greys).tolist())
        for name in ("train", "valid")
    )
    # Of digits that are nearly the same, one may pass for the other: it is left out.
    kept = greys[sorted(training - held_out)]
    header = b"".join(number.to_bytes(4, "big") for number in (2051, len(kept), 28, 28))
    given.out.write_bytes(gzip.compress(header + kept.tobytes(), mtime=0))
    print(f"{len(kept)} grey digits that training images were drawn from, and no validation image")


main()
