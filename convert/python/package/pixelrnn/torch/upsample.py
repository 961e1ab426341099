"""The network between a smaller image and the blocks (paper, section 3.6)."""

import torch
from torch import nn
from torch.nn import functional

from . import window
from .config import Config
from .masked import Masked


class Transposed(nn.Module):
    """A transposed convolution whose stride is its size: weights are (inputs, outputs, rows, columns)."""

    def __init__(self, features: int, factor: int):
        super().__init__()
        self.factor = factor
        drawn = 2 * torch.rand(features, features, factor, factor) - 1
        self.weight = nn.Parameter(drawn * (3 / features) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(features))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (images, u, small rows, small columns)."""
        return functional.conv_transpose2d(x, self.weight, self.bias, stride=self.factor)


class Upsample(nn.Module):
    """A 3x3 convolution without mask, ReLU, a transposed convolution, ReLU: u features of each pixel."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.conv = Masked(torch.ones(config.upsampled, config.channels, 3, 3))
        self.transposed = Transposed(config.upsampled, config.factor)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """From the images themselves: the smaller ones are every `factor`th pixel of every `factor`th row."""
        rows, columns = values.shape[2:]
        small = values[:, :, :: self.config.factor, :: self.config.factor]
        read = window.read_upper(self.config, small).to(self.conv.weight.dtype)
        x = functional.conv2d(read, self.conv.seen(), self.conv.bias, padding=1).relu()
        return self.transposed(x)[:, :, :rows, :columns].relu()


def known(config: Config, values: torch.Tensor) -> torch.Tensor:
    """Which pixels a smaller image holds: booleans of (rows, columns)."""
    rows, columns = (torch.arange(side, device=values.device) % config.factor == 0 for side in values.shape[2:])
    return rows[:, None] & columns
