"""Products that do not see the future: masks A and B (paper, section 3.4), with channel groups."""

import math
from typing import Optional

import torch
from torch import nn
from torch.nn import functional

from .rounding import rounded, step_of


def groups_of(features: int, groups: int, parts: int = 1) -> torch.Tensor:
    """The channel group of each feature: equal ranges of each of `parts` parts (4 for the gates of an LSTM)."""
    part = features // parts
    return (torch.arange(part) * groups // part).repeat(parts)


def own_pixel(kind: str, outputs: int, inputs: int, groups: int, parts: int = 1) -> torch.Tensor:
    """What outputs see of inputs at the pixel itself: the groups before their own (A), or up to it (B).

    Ones and zeros of (outputs, inputs).
    """
    output, seen = groups_of(outputs, groups, parts)[:, None], groups_of(inputs, groups)[None, :]
    return (seen < output if kind == "A" else seen <= output).float()


class Masked(nn.Module):
    """A weight of which a mask hides a part, and its bias.

    Begins uniform, of variance 1 / inputs seen, with zeros behind the mask.
    """

    def __init__(self, mask: torch.Tensor, bias: bool = True, scale: float = 1.0):
        super().__init__()
        self.mask: torch.Tensor
        self.step: Optional[torch.Tensor]
        self.register_buffer("mask", mask, persistent=False)
        self.register_buffer("step", None, persistent=False)
        seen = mask.flatten(1).sum(1).clamp(min=1).view(-1, *[1] * (mask.dim() - 1))
        self.weight = nn.Parameter((2 * torch.rand(mask.shape) - 1) * mask * scale * (3 / seen).sqrt())
        self.bias: Optional[nn.Parameter] = nn.Parameter(torch.zeros(mask.shape[0])) if bias else None

    def seen(self) -> torch.Tensor:
        """The weight without what the mask hides, in steps of 4 bits if it has some."""
        weight = self.weight * self.mask
        return weight if self.step is None else rounded(weight, self.step)

    def begin_rounding(self) -> None:
        """From here on the weight is seen in steps of 4 bits."""
        self.step = step_of((self.weight * self.mask).detach())


class Pointwise(Masked):
    """A 1x1 convolution with mask B, of (outputs, inputs)."""

    def __init__(self, outputs: int, inputs: int, groups: int, scale: float = 1.0):
        super().__init__(own_pixel("B", outputs, inputs, groups), scale=scale)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From (images, inputs, rows, columns)."""
        return functional.conv2d(x, self.seen()[:, :, None, None], self.bias)


def gate_bias(hidden: int) -> torch.Tensor:
    """Biases of gates o, f, i, g at the beginning: what is remembered is kept."""
    return torch.tensor([0.0, 1.0, 0.0, 0.0]).repeat_interleave(hidden)


def shrink(blocks: int) -> float:
    """How much smaller the products begin by which features leave one of so many blocks."""
    return 1 / math.sqrt(blocks)
