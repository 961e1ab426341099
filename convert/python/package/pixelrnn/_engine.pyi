"""Types of the compiled part of the module; `help(pixelrnn.Model)` has the documentation, from `src/model.rs`."""

import os
from collections.abc import Sequence
from typing import Any, Literal, final, overload

import numpy as np
from numpy.typing import NDArray

from .results import Classification, Score
from .types import Exact, Images, Labels, Spread, Values

__all__ = [
    "Error",
    "Model",
    "Network",
    "check_config",
    "levels",
    "quantize",
    "quantize_scales",
    "read",
    "read_labelled",
    "rounded",
]

class Error(ValueError): ...

@final
class Model:
    @staticmethod
    def load(source: str | os.PathLike[str] | bytes) -> Model: ...
    def info(self, width: int = 28) -> dict[str, Any]: ...
    @overload
    def sample(
        self,
        count: int = 16,
        *,
        seed: int = 1,
        width: int = 28,
        height: int = 28,
        temperature: float = 1.0,
        class_: int | Literal["all"] | None = None,
        scales: Literal[False] = False,
    ) -> Values: ...
    @overload
    def sample(
        self,
        count: int = 16,
        *,
        seed: int = 1,
        width: int = 28,
        height: int = 28,
        temperature: float = 1.0,
        class_: int | Literal["all"] | None = None,
        scales: Literal[True],
    ) -> list[Values]: ...
    def enlarge(
        self,
        small: Values,
        count: int = 8,
        *,
        scale: int = 0,
        size: tuple[int, int] | None = None,
        seed: int = 1,
        temperature: float = 1.0,
        class_: int | None = None,
        values: Exact = "auto",
    ) -> Values: ...
    def complete(
        self,
        image: Values,
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
    ) -> Values: ...
    def score(self, images: Images, *, background: Model | None = None, values: Exact = "auto") -> Score: ...
    def nats(self, images: Images, labels: Labels | None = None, *, values: Spread = "auto") -> NDArray[np.float64]: ...
    def classify(self, images: Images, *, values: Spread = "auto") -> Classification: ...
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
    ) -> bytes: ...
    def decompress(
        self,
        coded: bytes,
        *,
        region: tuple[int, int, int, int] | None = None,
        tones: bool = False,
        scale: int | None = None,
    ) -> list[Values]: ...
    def names(self, coded: bytes) -> list[str]: ...
    @property
    def blob(self) -> bytes: ...

@final
class Network:
    def __new__(cls, config: dict[str, Any], tensors: dict[str, NDArray[Any]]) -> Network: ...
    @staticmethod
    def load(path: str | os.PathLike[str]) -> Network: ...
    def nats(self, images: Images, labels: Labels | None = None, *, values: Spread = "auto") -> NDArray[np.float64]: ...
    def value_nats(
        self, image: Values, class_: int | None = None, *, values: Spread = "auto"
    ) -> NDArray[np.float64]: ...

def check_config(config: dict[str, Any]) -> None: ...
def quantize(
    config: dict[str, Any],
    tensors: dict[str, NDArray[Any]],
    images: Images,
    labels: Labels | None = None,
    *,
    weights: int = 8,
    limit: int = 512,
    values: Spread = "auto",
) -> bytes: ...
def rounded(
    config: dict[str, Any],
    tensors: dict[str, NDArray[Any]],
    images: Images,
    labels: Labels | None = None,
    *,
    weights: int = 8,
    limit: int = 512,
    values: Spread = "auto",
) -> dict[str, NDArray[np.float32]]: ...
def quantize_scales(
    networks: Sequence[tuple[dict[str, Any], dict[str, NDArray[Any]]]],
    images: Images,
    labels: Labels | None = None,
    *,
    weights: int = 8,
    limit: int = 512,
    values: Spread = "auto",
) -> bytes: ...
def read(path: str | os.PathLike[str], *, grey: bool = False, grid: tuple[int, int] | None = None) -> list[Values]: ...
def read_labelled(
    path: str | os.PathLike[str],
    labels: str | os.PathLike[str],
    *,
    like: str | os.PathLike[str] | None = None,
    grey: bool = False,
    grid: tuple[int, int] | None = None,
) -> tuple[list[Values], list[int]]: ...
def levels(images: Images, levels: int, *, values: Spread = "auto") -> list[Values]: ...
