"""The linear prediction of a mixture's means, from the values around a pixel in their own units."""

import torch
from torch import nn
from torch.nn import functional

from .config import Config

TAPS = 5
"""W, N, NW, NE, and the pixel itself."""


def neighbours(values: torch.Tensor, middle: float) -> torch.Tensor:
    """W, N, NW and NE of every pixel, (images, channels, 4, rows, columns); those outside the image are replaced.

    In the first row by W, in the first column by N, NE of the last column by N; those of the first pixel by the
    `middle` of all levels.
    """
    around = functional.pad(values, (1, 1, 1, 0))
    west, north = around[:, :, 1:, :-2], around[:, :, :-1, 1:-1]
    north_west, north_east = around[:, :, :-1, :-2], around[:, :, :-1, 2:]
    taps = torch.stack([west, north, north_west, north_east], 2)
    taps[:, :, 0, :, 0] = taps[:, :, 2, :, 0] = north[:, :, :, 0]
    taps[:, :, 3, :, -1] = north[:, :, :, -1]
    taps[:, :, :, 0] = west[:, :, None, 0]
    taps[:, :, :, 0, 0] = middle
    return taps


class Linear(nn.Module):
    """Coefficients (predicted channel, channel read, tap); of the pixel itself only earlier channels are read."""

    def __init__(self, config: Config):
        super().__init__()
        channels = config.channels
        self.middle = 2.0 ** (config.bits - 1)
        mask = torch.ones(channels, channels, TAPS)
        mask[:, :, -1] = torch.ones(channels, channels).tril(-1)
        self.register_buffer("mask", mask, persistent=False)
        self.weight = nn.Parameter(self.initial(channels))

    @staticmethod
    def initial(channels: int) -> torch.Tensor:
        """3/4 (W + N) - 1/2 NW; later channels add what the channel before differs from its own such prediction."""
        plane = torch.tensor([0.75, 0.75, -0.5, 0, 0])
        before = torch.tensor([-0.75, -0.75, 0.5, 0, 1])
        weight = torch.zeros(channels, channels, TAPS)
        for channel in range(channels):
            weight[channel, channel] = plane
            if channel > 0:
                weight[channel, channel - 1] = before
        return weight

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """The prediction of each value, in double precision: there are up to 65,536 levels."""
        values = values.double()
        taps = torch.cat([neighbours(values, self.middle), values[:, :, None]], 2)
        return torch.einsum("pct,bcthw->bphw", (self.weight * self.mask).double(), taps)
