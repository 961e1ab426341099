"""How weights move."""

import math

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from .arguments import Settings

LINEAR = "head.linear.weight"
"""A mixture's linear prediction: its numbers are few, and lie where they should from the beginning."""


def optimizer(network: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """AdamW, or RMSProp as in the paper.

    Biases and the linear prediction do not decay, and the latter learns at a fifth of the rate.
    """
    named = dict(network.named_parameters())
    linear = [named.pop(LINEAR)] if LINEAR in named else []
    weights = [parameter for name, parameter in named.items() if name.endswith("weight")]
    biases = [parameter for name, parameter in named.items() if not name.endswith("weight")]
    groups = [
        {"params": weights, "share": 1.0, "weight_decay": settings.decay},
        {"params": biases, "share": 1.0, "weight_decay": 0.0},
        {"params": linear, "share": 0.2, "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if settings.optimizer == "rmsprop":
        return torch.optim.RMSprop(groups, lr=settings.rate, alpha=0.99)
    return torch.optim.AdamW(groups, lr=settings.rate, betas=(0.9, 0.99))


def rate(settings: Settings, step: int) -> float:
    """The learning rate: a short rise, then half a cosine over all steps."""
    rise = min((step + 1) / 100, 1)
    fall = 0.5 + 0.5 * math.cos(math.pi * step / settings.steps)
    return settings.rate * rise * max(fall, 0.003)


def move(optimizer: torch.optim.Optimizer, network: nn.Module, settings: Settings, step: int) -> float:
    """One step from the gradients; gives their norm. If that is not finite, nothing moves."""
    counted = [parameter for name, parameter in network.named_parameters() if name != LINEAR]
    norm = torch.nn.utils.clip_grad_norm_(counted, settings.clip).item()
    if math.isfinite(norm):
        for group in optimizer.param_groups:
            group["lr"] = rate(settings, step) * group["share"]
        optimizer.step()
    return norm


def average(network: nn.Module, settings: Settings) -> AveragedModel:
    """The average of the weights over the last steps; early on over what there is."""

    def mixed(mean: torch.Tensor, new: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
        return mean + (new - mean) * torch.clamp(1 / (1 + count / 10), min=1 / settings.average)

    return AveragedModel(network, avg_fn=mixed)
