"""The compiled part of the module. Every function says which command of the program it is; the texts of errors are that command's."""

import os
from collections.abc import Sequence
from typing import Any, Literal, Union, final

import numpy as np
from numpy.typing import NDArray

from .results import Classification, Score

Values8Or16 = Union[NDArray[np.uint8], NDArray[np.uint16]]
"""Values of images, 8 or 16 bits each."""
Images = Union[Values8Or16, Sequence[Values8Or16]]
"""An array of images, or a list of arrays, of any sizes: see the module's page."""
Labels = Union[Sequence[int], NDArray[np.integer[Any]]]
"""A class an image."""
Exact = Literal["exact", "auto", "even"]
"""How values become a model's levels: as they are (levels, or their grey tones), as they are if all are, or spread evenly."""
Spread = Literal["auto", "asis", "even", "threshold", "sample"]
"""The same where likelihoods are measured: see the table of `--values` in convert/README.md."""

class Error(ValueError):
    """What the program would print as an error. Files that cannot be read are an `OSError` of the same text."""

@final
class Model:
    """A model of integers, loaded. It can be pickled."""

    @staticmethod
    def load(source: str | os.PathLike[str] | bytes) -> Model:
        """Loads a `.prnn` file, or its bytes."""
    def info(self, width: int = 28) -> dict[str, Any]:
        """Layers, flash, state for images of `width` columns, and work: `inspect --json`."""
    def sample(
        self,
        count: int = 16,
        *,
        seed: int = 1,
        width: int = 28,
        height: int = 28,
        temperature: float = 1.0,
        class_: int | Literal["all"] | None = None,
    ) -> Values8Or16:
        """Draws images, number n from `seed + n`: (count, height, width, channels), as `sample --out x.npy` has them.

        With `class_="all"`, `count` images of each class, class by class.
        """
    def complete(
        self,
        image: Values8Or16,
        mask: NDArray[np.bool_] | None = None,
        *,
        keep_rows: int | None = None,
        keep_pixels: int | None = None,
        count: int = 8,
        candidates: int = 1,
        seed: int = 1,
        temperature: float = 1.0,
        class_: int | None = None,
        values: Exact = "auto",
    ) -> Values8Or16:
        """Keeps the known pixels of an image and draws the others: (count, rows, columns, channels), as `complete --out x.npy`.

        `mask` (rows, columns) is true where pixels are known; or they are the first `keep_rows` rows, or the first `keep_pixels` pixels.
        Known pixels behind unknown ones steer nothing unless `candidates` is above 1, which excludes `temperature`.
        """
    def score(self, images: Images, *, background: Model | None = None, values: Exact = "auto") -> Score:
        """How likely images are, in their order: `score`."""
    def nats(self, images: Images, labels: Labels | None = None, *, values: Spread = "auto") -> NDArray[np.float64]:
        """Negative log-likelihood of each image: what `eval` gives the mean of. Given `labels`, that of the image given its class."""
    def classify(self, images: Images, *, values: Spread = "auto") -> Classification:
        """Of which class images are: `classify`."""
    def compress(
        self,
        images: Images,
        *,
        names: Sequence[str] | None = None,
        class_: int | None = None,
        labels: Labels | None = None,
        tile: tuple[int, int] | None = (128, 128),
        group: int = 256,
        values: Exact = "exact",
    ) -> bytes:
        """Codes images without loss: the bytes of the file that `compress` writes.

        `tile` are columns and rows of the tiles that images are cut in, None for none. Without `names`, as with `--no-names`.
        """
    def decompress(
        self, coded: bytes, *, region: tuple[int, int, int, int] | None = None, tones: bool = False
    ) -> list[Values8Or16]:
        """Decodes what `compress`, or a device, coded: an array of (rows, columns, channels) an image, of levels.

        With `tones`, of the values of the files that `decompress` writes: grey tones of up to 256 levels. `region` is (left, top, columns,
        rows): of each image that part alone.
        """
    def names(self, coded: bytes) -> list[str]:
        """The names of coded images; empty where none were kept."""
    @property
    def bytes(self) -> bytes:
        """The model's bytes: what its `.prnn` file holds."""

@final
class Network:
    """A network of floats: the twin of a model before it is quantized.

    `config` and `tensors` are those of `config.json` and `model.safetensors`: names and shapes are in `pixelrnn_convert::config`, and
    those of `pixelrnn.torch.Network.state_dict()`.
    """

    def __init__(self, config: dict[str, Any], tensors: dict[str, NDArray[Any]]) -> None: ...
    @staticmethod
    def load(path: str | os.PathLike[str]) -> Network:
        """Loads a run folder, or a `.safetensors` file with its config beside it."""
    def nats(self, images: Images, labels: Labels | None = None, *, values: Spread = "auto") -> NDArray[np.float64]:
        """Negative log-likelihood of each image, as `Model.nats`."""
    def value_nats(self, image: Values8Or16, class_: int | None = None, *, values: Spread = "auto") -> NDArray[np.float64]:
        """The same of each value of an image: (rows, columns, channels)."""

def quantize(
    config: dict[str, Any],
    tensors: dict[str, NDArray[Any]],
    images: Images,
    labels: Labels | None = None,
    *,
    limit: int = 512,
    values: Spread = "auto",
) -> bytes:
    """Quantizes a network, calibrated on at most `limit` images: the bytes of the `.prnn` file that `export` writes."""

def read(
    path: str | os.PathLike[str], *, grey: bool = False, grid: tuple[int, int] | None = None
) -> list[Values8Or16]:
    """The images of a file or folder, as every command reads them: an array of (rows, columns, channels) each."""

def read_labelled(
    path: str | os.PathLike[str],
    labels: str | os.PathLike[str],
    *,
    grey: bool = False,
    grid: tuple[int, int] | None = None,
) -> tuple[list[Values8Or16], list[int]]:
    """The same with the images' classes: `labels` is an idx file, or `"folders"`, as `--labels`."""

def levels(images: Images, levels: int, *, values: Spread = "auto") -> list[Values8Or16]:
    """Images' values as levels, all in the same way: an array of (rows, columns, channels) each."""
