"""Weights of 4 bits in training: rounded in every step, with gradients as if they were not (straight-through).

Bengio, Léonard and Courville, "Estimating or propagating gradients through stochastic neurons", 2013 (arXiv 1308.3432).
"""

import torch

MOST = 7
"""The largest integer: sixteen times it is one of 8 bits."""


def step_of(weight: torch.Tensor) -> torch.Tensor:
    """What a step of each row's integers stands for, of weights that lie on steps, the largest on one of 4 to 7."""
    rows = weight.flatten(1)
    largest = rows.abs().amax(1, keepdim=True).clamp(min=1e-12)
    tried = torch.stack([largest / count for count in range(MOST, MOST // 2, -1)])
    lost = torch.stack([(rows - nearest(rows, step)).square().sum(1, keepdim=True) for step in tried])
    best = tried.gather(0, lost.argmin(0, keepdim=True))[0]
    return best.view(-1, *[1] * (weight.dim() - 1))


def nearest(weight: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
    """The nearest weights of 4 bits."""
    return (weight / step).round().clamp(-MOST, MOST) * step


def rounded(weight: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
    """The nearest weights of 4 bits; gradients pass."""
    return weight + (nearest(weight, step) - weight).detach()
