"""What changes of a network and of its training bring, each on a short run: what `tests/measured/levers.md` says.

    python tests/levers/levers.py greys.gz ../shared/data > tests/measured/levers.md

greys.gz is what tests/greys/greys.py writes. An hour of a core; `--only WORDS` runs the lines that hold these words.
Needs torch and the module of convert/python: `bash convert/python/test.sh --torch` leaves both in target/python-torch.
"""

import argparse
import contextlib
import csv
import dataclasses
import io
import tempfile
import time
from typing import Callable, Optional

import networks
import numpy as np
import pixelrnn
import torch
from pixelrnn.train import arguments, training
from pixelrnn.train.workers import Workers

SET = "binarized-mnist/{}-images-idx3-ubyte.gz"
HEAD = "| | weights | minutes | least nats | nats at the end |\n| --- | ---: | ---: | ---: | ---: |"
FEW = 2000
"""Images of the small training set."""


@dataclasses.dataclass
class Lever:
    """A line of a table."""

    words: str
    options: str = ""
    """Of `python -m pixelrnn.train`, after those that all lines share."""
    changes: Callable[[], contextlib.AbstractContextManager] = contextlib.nullcontext
    """What the trainer has otherwise while the run lasts."""
    first: Optional[str] = None
    """Options of a run before, whose weights this one begins with."""


PIXELCNN = "--architecture pixelcnn --hidden 16 --blocks 6"
ROW_LSTM = "--architecture row-lstm --hidden 16 --blocks 3"
RATE = "--rate 1e-2"

ENDLESS = [
    Lever("PixelCNN h=16, 6 blocks", PIXELCNN),
    Lever("its rate halved", f"{PIXELCNN} --rate 5e-3"),
    Lever("its rate twice as high", f"{PIXELCNN} --rate 2e-2"),
    Lever("its rate falls, rises again and falls", PIXELCNN, networks.two_falls),
    Lever("averaged over 20 steps", f"{PIXELCNN} --average 20"),
    Lever("averaged over 500 steps", f"{PIXELCNN} --average 500"),
    Lever("skip connections", f"{PIXELCNN} --skip"),
    Lever("a head of 96 maps", f"{PIXELCNN} --head 96"),
    Lever("gates (tanh times sigmoid), 6 blocks", PIXELCNN, lambda: networks.blocks(networks.Gated)),
    Lever("gates, 4 blocks", f"{PIXELCNN} --blocks 4", lambda: networks.blocks(networks.Gated)),
    Lever("9 blocks", f"{PIXELCNN} --blocks 9"),
    Lever("3 blocks, each twice (shared weights)", f"{PIXELCNN} --blocks 3", lambda: networks.blocks(networks.Twice)),
    Lever("6 blocks, each twice", PIXELCNN, lambda: networks.blocks(networks.Twice)),
    Lever("every second block reads two pixels away", f"{PIXELCNN} --dilation 2"),
    Lever("blocks read 1, 2 and 4 pixels away in turn", f"{PIXELCNN} --dilation 4"),
    Lever("3 blocks for half of the steps, then 6", f"{PIXELCNN} --grow", first=f"{PIXELCNN} --blocks 3"),
    Lever("learns from a teacher's probabilities alone", PIXELCNN, lambda: networks.teacher(1.0)),
    Lever("half from the teacher's, half from the images", PIXELCNN, lambda: networks.teacher(0.5)),
    Lever("Row LSTM h=16, 3 blocks", ROW_LSTM),
    Lever("its state reads 5 columns of the row above", f"{ROW_LSTM} --kernel 5"),
    Lever("7 columns", f"{ROW_LSTM} --kernel 7"),
    Lever("skip connections", f"{ROW_LSTM} --skip"),
    Lever("a head of 96 maps", f"{ROW_LSTM} --head 96"),
]

SMALL = [
    Lever("PixelCNN h=16, 6 blocks", PIXELCNN),
    Lever("decay of 0.2", f"{PIXELCNN} --decay 0.2"),
    Lever("decay of 1", f"{PIXELCNN} --decay 1"),
    Lever("dropout of a block's features, 0.1", PIXELCNN, lambda: networks.dropout(0.1)),
    Lever("dropout of 0.3", PIXELCNN, lambda: networks.dropout(0.3)),
    Lever("moved by up to a pixel, for half of the steps", PIXELCNN, lambda: networks.moves(0.5)),
    Lever("moved by up to a pixel, for all", PIXELCNN, lambda: networks.moves(1.0)),
    Lever("drawn anew each epoch", f"{PIXELCNN} --values sample"),
    Lever("drawn anew, dropout of 0.1", f"{PIXELCNN} --values sample", lambda: networks.dropout(0.1)),
    Lever("half from a teacher's probabilities, who saw all images", PIXELCNN, lambda: networks.teacher(0.5)),
]


def run(options: str, shared: str) -> tuple[int, list[dict[str, str]], float]:
    """Trains; weights, the log's lines, and minutes of a core."""
    with contextlib.redirect_stdout(io.StringIO()), Workers("cpu") as workers:
        trained = training.Training(arguments.parse([*shared.split(), *options.split()]), workers)
        start = time.process_time()
        trained.run()
    with open(trained.out / "log.csv") as log:
        lines = list(csv.DictReader(log))
    return sum(weight.numel() for weight in trained.network.parameters()), lines, (time.process_time() - start) / 60


def measure(lever: Lever, shared: str, steps: int, folder: str) -> str:
    """A table's line."""
    begin = ""
    with lever.changes():
        if lever.first:
            run(lever.first, f"{shared} --out {folder}/first --steps {steps // 2}")
            begin, steps = f"--init {folder}/first", steps // 2
        weights, lines, minutes = run(f"{lever.options} {begin}", f"{shared} --out {folder}/run --steps {steps}")
    valid = [float(line["valid_nats"]) for line in lines]
    return f"| {lever.words} | {weights:,} | {minutes:.1f} | {min(valid):.2f} | {valid[-1]:.2f} |"


def few(greys: str, folder: str) -> tuple[str, str]:
    """The first greys, and one draw of them, as files."""
    some = np.stack(pixelrnn.read(greys)[:FEW])
    drawn = np.stack(pixelrnn.levels(list(some), 2, values="sample")).astype(np.uint8)
    paths = f"{folder}/greys.npy", f"{folder}/drawn.npy"
    for path, images in zip(paths, (some, drawn)):
        np.save(path, images)
    return paths


def table(words: str, levers: list[Lever], shared: Callable[[Lever], str], chosen: argparse.Namespace) -> None:
    """Prints a table, a line as soon as it is measured."""
    print(f"{words}\n\n{HEAD}", flush=True)
    for lever in levers:
        if chosen.only in lever.words:
            with tempfile.TemporaryDirectory() as folder:
                print(measure(lever, shared(lever), chosen.steps, folder), flush=True)
    print()


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("greys", help="grey digits of the training images")
    parser.add_argument("data", help="folder of the data sets")
    parser.add_argument("--steps", type=int, default=2000, help="steps of a run")
    parser.add_argument("--only", default="", help="words that a line holds which is to be run")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    valid = f"{chosen.data}/{SET.format('valid')}"
    common = f"--valid {valid} --valid-values asis --levels 2 --batch 32 --average 100 {RATE} --valid-limit 1000"
    with tempfile.TemporaryDirectory() as folder:
        greys, drawn = few(chosen.greys, folder)
        sample = f"--data {chosen.greys} --values sample {common} --every {chosen.steps}"
        table(f"All training images, drawn anew, {chosen.steps} steps of 32:", ENDLESS, lambda _: sample, chosen)
        small = f"{common} --every 250"
        options = lambda lever: f"--data {greys if 'sample' in lever.options else drawn} {small}"  # noqa: E731
        table(f"{FEW} training images, {chosen.steps} steps of 32:", SMALL, options, chosen)


main()
