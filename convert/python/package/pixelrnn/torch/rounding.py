"""Weights of 4 bits in training: rounded in every step, with gradients as if they were not (straight-through).

Bengio, Léonard and Courville, "Estimating or propagating gradients through stochastic neurons", 2013 (arXiv 1308.3432).
"""

import torch

MOST = 7
"""The largest integer: sixteen times it is one of 8 bits."""


def step_of(weight: torch.Tensor) -> torch.Tensor:
    """What a step of each row's integers stands for, of weights that the exporter rounded: the largest is 7 steps."""
    largest = weight.abs().flatten(1).amax(1).clamp(min=1e-12)
    return (largest / MOST).view(-1, *[1] * (weight.dim() - 1))


def rounded(weight: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
    """The nearest weights of 4 bits; gradients pass."""
    nearest = (weight / step).round().clamp(-MOST, MOST) * step
    return weight + (nearest - weight).detach()
