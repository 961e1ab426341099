"""What a training is told: options of the names that `pixelrnn train` has."""

import argparse
import dataclasses
from collections.abc import Sequence
from typing import Optional

from ..torch import Config


@dataclasses.dataclass(frozen=True)
class Settings:
    """The options, but those of the network's shape."""

    out: str
    data: str
    valid: Optional[str]
    labels: Optional[str]
    valid_labels: Optional[str]
    init: Optional[str]
    weights: int
    grow: bool
    grey: bool
    grid: Optional[tuple[int, int]]
    crop: Optional[tuple[int, int]]
    flip: bool
    shrink: int
    values: str
    valid_values: Optional[str]
    batch: int
    steps: Optional[int]
    minutes: Optional[float]
    bfloat16: bool
    compile: bool
    optimizer: str
    rate: float
    decay: float
    clip: float
    average: float
    seed: int
    valid_limit: int
    every: int
    device: str
    shape: dict
    """The network's shape, but channels and classes, which images tell."""

    def config(self, channels: int, classes: int) -> Config:
        """The network for images of so many channels and classes."""
        return Config(**self.shape, channels=channels, classes=classes)

    def told(self) -> dict:
        """The options by their names, for a card: sizes as they are typed, without what changes nothing."""
        options = dataclasses.asdict(self)
        shape = options.pop("shape")
        options |= shape | {"scale": shape["factor"] or None, "upsampled": shape["upsampled"] or None}
        for name, changes_nothing in {"shrink": 1, "weights": 8, "dilation": 1}.items():
            if options[name] == changes_nothing:
                options[name] = None
        del options["factor"]
        sizes = {name: "{}x{}".format(*options[name]) for name in ("grid", "crop") if options[name]}
        return {"program": "python -m pixelrnn.train"} | options | sizes


def size(text: str) -> tuple[int, int]:
    """Columns and rows, typed as WIDTHxHEIGHT."""
    width, height = (int(side) for side in text.split("x"))
    if not (1 <= width <= 65_535 and 1 <= height <= 65_535):
        raise ValueError
    return width, height


def positive(text: str) -> int:
    """A number from 1 on."""
    if int(text) < 1:
        raise ValueError
    return int(text)


def parse(arguments: Optional[Sequence[str]] = None) -> Settings:
    """Reads a command line."""
    parser = argparse.ArgumentParser("python -m pixelrnn.train", description="Trains a network on several processes.")
    images(parser.add_argument_group("images"))
    network(parser.add_argument_group("network"))
    training(parser.add_argument_group("training"))
    given = vars(parser.parse_args(arguments))
    if (given["steps"] is None) == (given["minutes"] is None):
        parser.error("give either --steps or --minutes")
    if given["weights"] < 8 and given["init"] is None:
        parser.error("--weights 4 fine-tunes: give --init")
    if given["valid_values"] and not given["valid"]:
        parser.error("--valid-values needs --valid")
    shape = {field.name: given.pop(field.name) for field in dataclasses.fields(Config) if field.name in given}
    return Settings(**given, shape=shape)


def images(group: argparse._ArgumentGroup) -> None:
    """Options of what is read."""
    add = group.add_argument
    add("--data", required=True, help="training images: an idx or npy file, a picture, or a folder of pictures")
    add("--valid", help="validation images; without it, the last tenth of the training images")
    add("--labels", metavar="FILE|folders", help="classes of the training images")
    add("--valid-labels", metavar="FILE|folders", help="those of the validation images")
    add("--grey", action="store_true", help="read colour as grey")
    add("--grid", type=size, metavar="WIDTHxHEIGHT", help="every picture is a sheet of images of this size")
    add("--crop", type=size, metavar="WIDTHxHEIGHT", help="train on pieces of this size, cut anew each step")
    add("--flip", action="store_true", help="mirror half of the images left to right, drawn anew each time")
    add(
        "--shrink",
        type=positive,
        default=1,
        metavar="N",
        help="every Nth pixel of every Nth row: a smaller scale's images",
    )
    spread = ["auto", "asis", "even", "threshold", "sample"]
    add("--values", choices=spread, default="auto", help="how file values become levels")
    add("--valid-values", choices=spread, help="how those of --valid do, if otherwise")


def network(group: argparse._ArgumentGroup) -> None:
    """Options of the network's shape."""
    add, shape = group.add_argument, Config()
    architectures = ["pixelcnn", "row-lstm", "diagonal-bilstm"]
    add("--architecture", choices=architectures, default=shape.architecture, help="kind of blocks")
    add("--levels", type=positive, default=shape.levels, help="values a channel of a pixel can take")
    add(
        "--components", type=int, default=shape.components, help="components of a mixture of logistics; 0 for a softmax"
    )
    add("--hidden", type=positive, default=shape.hidden, help="features h inside a block")
    add("--blocks", type=positive, default=shape.blocks, help="blocks")
    add("--head", type=positive, default=shape.head, help="feature maps of the head")
    add("--kernel", type=positive, default=shape.kernel, help="Row LSTM: columns of the row above that a state reads")
    add("--dilation", type=int, default=shape.dilation, help="PixelCNN: how far blocks read, 1, 2, 4, … pixels in turn")
    add("--skip", action="store_true", help="skip connections from every block to the head")
    factor = dict(dest="factor", type=int, default=shape.factor, choices=[0, 2, 4])
    add("--scale", **factor, help="how many times smaller the images are that the network is given; 0 for none")
    add("--upsampled", type=int, default=shape.upsampled, help="features upsampled of the smaller image")


def training(group: argparse._ArgumentGroup) -> None:
    """Options of how it is trained."""
    add = group.add_argument
    add("--out", required=True, help="run folder; one with a checkpoint is gone on with: give the same arguments again")
    add("--init", help="a run folder or .safetensors file to begin from, whose shape the network then has")
    add(
        "--weights",
        type=int,
        choices=[8, 4],
        default=8,
        help="4: fine-tune --init for blocks' weights of 4 bits, for export --weights 4",
    )
    add(
        "--grow",
        action="store_true",
        help="begin from --init with as many --blocks as told; the new ones change nothing at first",
    )
    add("--batch", type=positive, default=64, help="images a step, of all workers together")
    add("--steps", type=positive, help="steps in all")
    add("--minutes", type=float, help="minutes in all, instead of steps")
    add("--bfloat16", action="store_true", help="most products in bfloat16: faster on GPUs")
    add(
        "--compile",
        action="store_true",
        help="compile the network (torch.compile): a minute at first, then faster steps",
    )
    add("--optimizer", choices=["muon", "adamw", "rmsprop"], default="muon", help="the rule by which weights move")
    add("--rate", type=float, default=2e-3, help="largest learning rate")
    add("--decay", type=float, default=0.02, help="decay of the weights")
    add("--clip", type=float, default=20.0, help="largest norm of a gradient")
    add("--average", type=float, default=1000.0, help="steps that the average of the weights spans")
    add("--seed", type=int, default=1, help="seed of the weights and of the images' order")
    add("--valid-limit", type=positive, default=1000, help="validation images to use")
    add("--every", type=positive, default=500, help="steps between validations, each with a checkpoint")
    add("--device", choices=["cpu", "cuda"], default="cpu", help="cuda: a GPU a worker")
