"""How weights move, and their average: computed where the weights are, without waiting for a number.

Weights of one shape that move by one rule lie side by side in one tensor, and move as one: a GPU takes longer to start
a small computation than to do it.
"""

import math
from typing import NamedTuple

import torch
from torch import nn

from .arguments import Settings

LINEAR = "head.linear.weight"
"""A mixture's linear prediction: its numbers are few, and lie where they should from the beginning."""
LINEAR_RATE = 0.2
"""Its learning rate as a share of the others'."""
NOT_INNER = ("first", "head.output", LINEAR, "upsample.conv")
"""Products with pixels or logits: orthogonal steps suit those between features."""
FIRST, SECOND, MOMENTUM = 0.9, 0.99, 0.95
"""What averages of gradients, of their squares, and Muon's of gradients keep in a step."""


class Kin(NamedTuple):
    """What weights have in common that move together."""

    rule: str
    share: float
    """Of the learning rate."""
    decays: bool
    shape: tuple[int, ...]

    @staticmethod
    def of(rule: str, name: str, weight: torch.Tensor) -> "Kin":
        """The kin of a weight; Muon moves the inner matrices, Adam the others."""
        is_inner = name.endswith("weight") and not name.endswith("class.weight") and not name.startswith(NOT_INNER)
        is_linear = name == LINEAR
        if rule == "muon" and not is_inner:
            rule = "adamw"
        share = LINEAR_RATE if is_linear else 1.0
        return Kin(rule, share, name.endswith("weight") and not is_linear, tuple(weight.shape))


class Group:
    """Weights of one kin, and what is kept of each."""

    def __init__(self, kin: Kin, weights: list[nn.Parameter], seen: float):
        self.kin, self.members, self.seen = kin, weights, seen
        self.values = torch.stack([weight.detach() for weight in weights])
        for weight, value in zip(weights, self.values):
            weight.data = value
        self.average = self.values.clone()
        remembered = {"muon": ["momentum"], "adamw": ["first", "second"], "rmsprop": ["second"]}[kin.rule]
        for name in remembered:
            setattr(self, name, torch.zeros_like(self.values))
        self.kept = ["values", "average", *remembered]

    def gradient(self) -> torch.Tensor:
        """The members' gradients, side by side."""
        return torch.stack([weight.grad for weight in self.members])

    def direction(self, gradient: torch.Tensor, steps: torch.Tensor) -> torch.Tensor:
        """The direction against which weights move."""
        if self.kin.rule == "muon":
            self.momentum.mul_(MOMENTUM).add_(gradient)
            return orthogonal((gradient + MOMENTUM * self.momentum).flatten(2), self.seen).view_as(gradient)
        self.second.lerp_(gradient.square(), 1 - SECOND)
        scale = (self.second / (1 - SECOND**steps)).sqrt() + 1e-8
        if self.kin.rule == "rmsprop":
            return gradient / scale
        self.first.lerp_(gradient, 1 - FIRST)
        return self.first / (1 - FIRST**steps) / scale


def orthogonal(matrices: torch.Tensor, seen: float) -> torch.Tensor:
    """The nearest matrices whose singular values are all about 1, by the quintic Newton-Schulz iteration.

    Of Jordan et al. ("Muon: an optimizer for hidden layers in neural networks", 2024); scaled so that elements are as
    large as those of Adam's steps (Liu et al., "Muon is scalable for LLM training", 2025, section 2.2), as many columns
    being `seen` as masks let through.
    """
    is_tall = matrices.shape[1] > matrices.shape[2]
    estimate = matrices.mT if is_tall else matrices
    estimate = estimate / (estimate.norm(dim=(1, 2), keepdim=True) + 1e-12)
    for _ in range(5):
        gram = estimate @ estimate.mT
        estimate = 3.4445 * estimate + (2.0315 * gram @ gram - 4.775 * gram) @ estimate
    return (estimate.mT if is_tall else estimate) * (0.2 * math.sqrt(max(matrices.shape[1], seen)))


class Optimizer:
    """AdamW, RMSProp as in the paper, or Muon, and the average of the weights over the last steps."""

    def __init__(self, network: nn.Module, settings: Settings):
        self.settings, kins = settings, {}
        named = dict(network.named_parameters())
        for name, weight in named.items():
            kins.setdefault(Kin.of(settings.optimizer, name, weight), []).append(name)
        self.names = list(kins.values())
        self.groups = [
            Group(kin, [named[name] for name in names], columns_seen(network, names[0])) for kin, names in kins.items()
        ]
        device = next(iter(named.values())).device
        self.rate = torch.zeros((), device=device)
        self.steps = torch.zeros((), device=device)
        self.lost = torch.zeros((), device=device)

    def norm(self, gradients: list[torch.Tensor]) -> torch.Tensor:
        """Norm of all gradients but the linear prediction's, which is in the values' units, as large as they are."""
        counted = [gradient for group, gradient in zip(self.groups, gradients) if group.kin.share == 1.0]
        return torch.stack([gradient.norm() for gradient in counted]).norm()

    @torch.no_grad()
    def step(self) -> None:
        """One step from the gradients. If their norm is not finite, `lost` counts it: the training is to stop."""
        gradients = [group.gradient() for group in self.groups]
        factor = (self.settings.clip / self.norm(gradients)).clamp(max=1)
        self.steps += 1
        self.lost += ~factor.isfinite()
        for group, gradient in zip(self.groups, gradients):
            rate, decay = self.rate * group.kin.share, self.settings.decay * group.kin.decays
            direction = group.direction(gradient * factor, self.steps)
            group.values.mul_(1 - rate * decay).sub_(direction * rate)
        # Early on the average spans what there is.
        share = (1 / (1 + self.steps / 10)).clamp(min=1 / self.settings.average)
        for group in self.groups:
            group.average.lerp_(group.values, share)

    def averaged(self) -> dict[str, torch.Tensor]:
        """The average of each weight."""
        return self.kept_of("average")

    def state_dict(self) -> dict[str, torch.Tensor]:
        """All that moves, by weights' names: `first/blocks.0.…`."""
        counts = {"steps": self.steps, "lost": self.lost}
        kept = sorted({kept for group in self.groups for kept in group.kept})
        return counts | {f"{name}/{key}": one for name in kept for key, one in self.kept_of(name).items()}

    def kept_of(self, kept: str) -> dict[str, torch.Tensor]:
        """What is kept under a name, of those weights that keep it."""
        pairs = [(names, group) for names, group in zip(self.names, self.groups) if kept in group.kept]
        return {name: one for names, group in pairs for name, one in zip(names, getattr(group, kept))}

    @torch.no_grad()
    def load_state_dict(self, state: dict[str, torch.Tensor]) -> None:
        """Goes back to a state."""
        for name, tensor in self.state_dict().items():
            tensor.copy_(state[name])


def columns_seen(network: nn.Module, name: str) -> float:
    """Of a weight as a matrix, how many columns a mask lets through."""
    owner, weight = network.get_submodule(name.rpartition(".")[0]), network.get_parameter(name)
    mask = getattr(owner, "mask", torch.ones_like(weight))
    return mask.flatten(1).amax(0).sum().item() if weight.dim() > 1 else 1.0


def rate(settings: Settings, step: int, done: float) -> float:
    """The learning rate: a short rise, then half a cosine over the training."""
    rise = min((step + 1) / 100, 1)
    fall = 0.5 + 0.5 * math.cos(math.pi * min(done, 1))
    return settings.rate * rise * max(fall, 0.003)
