"""The first layer: a 7x7 convolution with mask A (paper, section 3.4)."""

import torch
from torch.nn import functional

from .condition import Conditioned, Given
from .config import Config
from .masked import Masked, own_pixel


def mask_a(outputs: int, channels: int, groups: int) -> torch.Tensor:
    """Rows above, pixels to the left; of the pixel itself the channels before the group's."""
    mask = torch.zeros(outputs, channels, 7, 7)
    mask[:, :, :3] = 1
    mask[:, :, 3, :3] = 1
    if groups > 1:
        mask[:, :, 3, 3] = own_pixel("A", outputs, channels, groups)
    return mask


class First(Masked, Conditioned):
    """From the image, as `window.read` scales it, to 2h features."""

    def __init__(self, config: Config):
        super().__init__(mask_a(2 * config.hidden, config.channels, config.groups))
        self.add_conditions(2 * config.hidden, config, reads_small=False)

    def forward(self, x: torch.Tensor, given: Given) -> torch.Tensor:
        """From (images, channels, rows, columns)."""
        x = functional.conv2d(x.to(self.weight.dtype), self.seen(), self.bias, padding=3)
        return self.with_conditions(x, given)
