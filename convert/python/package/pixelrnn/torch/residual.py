"""A block, and the way out of it: 1x1 convolutions onto the residual stream and the skip connections' sum."""

import torch
from torch import nn

from .condition import Given
from .config import Config
from .masked import Pointwise, shrink


class Residual(nn.Module):
    """What every block shares: h features of its own (`body`) to 2h of the stream."""

    def __init__(self, config: Config):
        super().__init__()
        for name in ["expand", "skip"] if config.skip else ["expand"]:
            exit = Pointwise(2 * config.hidden, config.hidden, config.groups, scale=shrink(config.blocks))
            self.add_module(name, exit)
        self.has_skip = config.skip

    def body(self, x: torch.Tensor, given: Given) -> torch.Tensor:
        """The block's own features, from the stream."""
        raise NotImplementedError

    def forward(self, stream: torch.Tensor, skip: torch.Tensor, given: Given) -> tuple[torch.Tensor, torch.Tensor]:
        """The residual stream and the skip connections' sum behind the block."""
        features = self.body(stream, given)
        return stream + self.expand(features), skip + self.skip(features) if self.has_skip else skip
