"""What an image is given beside the values before a pixel, and what that adds to a layer's map."""

from typing import NamedTuple, Optional

import torch
from torch import nn
from torch.nn import functional

from .config import Config


class Given(NamedTuple):
    """Of a batch of images."""

    classes: Optional[torch.Tensor] = None
    """Their classes, integers."""
    features: Optional[torch.Tensor] = None
    """What is upsampled of the smaller images, (images, u, rows, columns)."""

    def flip(self) -> "Given":
        """The same of the images mirrored left to right."""
        return self._replace(features=None if self.features is None else self.features.flip(3))


class ClassBias(nn.Module):
    """What a class adds to a map: a column (van den Oord et al., 2016b, arXiv 1606.05328, section 2.3)."""

    def __init__(self, features: int, classes: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(features, classes))

    def forward(self, classes: torch.Tensor) -> torch.Tensor:
        """A column an image."""
        return self.weight.t()[classes][:, :, None, None]


class Projection(nn.Module):
    """What the upsampled features of a pixel add to a map there: a 1x1 product, not masked (paper, section 3.6)."""

    def __init__(self, features: int, upsampled: int):
        super().__init__()
        self.weight = nn.Parameter((2 * torch.rand(features, upsampled) - 1) * (3 / upsampled) ** 0.5)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """From (images, u, rows, columns)."""
        return functional.conv2d(features, self.weight[:, :, None, None])


class Conditioned(nn.Module):
    """A layer to whose map conditions may add, by `class.weight` and `upsample.weight`."""

    def add_conditions(self, features: int, config: Config, reads_small: bool = True) -> None:
        """Gives the layer what it adds."""
        is_given = reads_small and config.factor > 0
        self.add_module("class", ClassBias(features, config.classes) if config.classes else None)
        self.add_module("upsample", Projection(features, config.upsampled) if is_given else None)

    def with_conditions(self, x: torch.Tensor, given: Given) -> torch.Tensor:
        """The map with what the images' conditions add."""
        bias, projection = getattr(self, "class"), self.upsample
        x = x if bias is None else x + bias(given.classes)
        return x if projection is None else x + projection(given.features)
