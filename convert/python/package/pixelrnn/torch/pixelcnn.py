"""PixelCNN's residual block (paper, section 3.3 and figure 5): ReLU, 1x1, ReLU, 3x3 with mask B, ReLU, the way out."""

import torch
from torch.nn import functional

from .condition import Conditioned, Given
from .config import Config
from .masked import Masked, Pointwise, own_pixel
from .residual import Residual


def mask_b(features: int, groups: int) -> torch.Tensor:
    """The row above, the pixel to the left; of the pixel itself the groups up to one's own."""
    mask = torch.zeros(features, features, 3, 3)
    mask[:, :, 0] = 1
    mask[:, :, 1, 0] = 1
    mask[:, :, 1, 1] = own_pixel("B", features, features, groups)
    return mask


class PixelCnn(Residual, Conditioned):
    """A block of convolutions."""

    def __init__(self, config: Config, block: int):
        super().__init__(config)
        h = config.hidden
        self.distance = config.distance(block)
        self.reduce = Pointwise(h, 2 * h, config.groups)
        self.conv = Masked(mask_b(h, config.groups))
        self.add_conditions(h, config)

    def body(self, x: torch.Tensor, given: Given) -> torch.Tensor:
        """What the convolutions give."""
        x = self.reduce(x.relu()).relu()
        apart = self.distance
        x = functional.conv2d(x, self.conv.seen(), self.conv.bias, padding=apart, dilation=apart)
        return self.with_conditions(x, given).relu()
