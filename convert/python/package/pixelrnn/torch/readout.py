"""What both heads begin with (paper, table 1): ReLU, 1x1, ReLU, 1x1."""

import torch
from torch import nn

from .config import Config
from .masked import Pointwise


class Readout(nn.Module):
    """From 2h features to the outputs of every channel, channel by channel."""

    def __init__(self, config: Config, scale: float = 1.0):
        super().__init__()
        rows = sum(config.rows(channel) for channel in range(config.channels))
        self.config = config
        self.hidden = Pointwise(config.head, 2 * config.hidden, config.groups)
        self.output = Pointwise(rows, config.head, config.groups, scale=scale)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (images, 2h, rows, columns)."""
        return self.output(self.hidden(x.relu()).relu())
