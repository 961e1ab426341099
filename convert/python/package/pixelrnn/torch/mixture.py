"""A head of a mixture of logistics a channel (Salimans et al., 2017, arXiv 1701.05517).

One pass a pixel; then every channel's means follow the channels before it.
"""

import math

import torch
from torch.nn import functional

from .config import Config
from .linear import Linear
from .readout import Readout

TOTAL = 2.0**24
"""The integer engine's total: every level has at least one of so many."""


class Mixture(Readout):
    """For a channel, for a component: weight logit, offset, log scale, then a coefficient an earlier channel."""

    def __init__(self, config: Config):
        super().__init__(config, scale=0.1)
        self.linear = Linear(config)
        self.kind = torch.float64
        self.output.bias.data = first_bias(config)

    def nats(self, x: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """Negative log-likelihood of each value, in nats and the precision `kind`, from 2h features."""
        predicted = self.linear(values)
        # How far the linear prediction was off.
        missed = (values - predicted).to(self.kind)
        predicted = predicted.to(self.kind)
        sizes = [self.config.rows(channel) for channel in range(self.config.channels)]
        each = zip(self(x).to(self.kind).split(sizes, 1), predicted.unbind(1), values.unbind(1))
        return torch.stack([self.of_channel(*channel, missed[:, :c]) for c, channel in enumerate(each)], 1)

    def of_channel(
        self, rows: torch.Tensor, predicted: torch.Tensor, values: torch.Tensor, missed: torch.Tensor
    ) -> torch.Tensor:
        """Nats of a channel's values, (images, rows, columns), given what was missed in the channels before."""
        rows = rows.unflatten(1, (self.config.components, -1))
        weight, offset, log_scale, follow = rows.split([1, 1, 1, rows.shape[2] - 3], 2)
        scale = log_scale[:, :, 0].clamp(-3.5, 12).exp()
        follows = (follow.clamp(-3.99, 3.99) * missed[:, None]).sum(2)
        # An offset counts eighths of the value range.
        mean = predicted[:, None] + 2.0 ** (self.config.bits - 3) * offset[:, :, 0] + follows
        share = log_share(values[:, None], mean, scale, self.config.levels)
        return -self.mixed(torch.logsumexp(weight[:, :, 0].log_softmax(1) + share, 1).exp(), values).log()

    def mixed(self, probability: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """With what the integers keep of every level; the last has that of the levels up to a power of two, too."""
        kept, levels = 2.0**self.config.bits, self.config.levels
        own = torch.where(values == levels - 1, 1 + kept - levels, 1.0)
        return probability * (1 - kept / TOTAL) + own / TOTAL


def log_share(values: torch.Tensor, mean: torch.Tensor, scale: torch.Tensor, levels: int) -> torch.Tensor:
    """Log of F(above) - F(below), what a logistic gives a value; the first takes all below, the last all above."""
    below, above = (values - 0.5 - mean) / scale, (values + 0.5 - mean) / scale
    # The difference of near equals, as a product.
    inner = functional.logsigmoid(above) + functional.logsigmoid(-below) + (-torch.expm1(-1 / scale)).log()
    share = torch.where(values == 0, functional.logsigmoid(above), inner)
    return torch.where(values == levels - 1, functional.logsigmoid(-below), share)


def first_bias(config: Config) -> torch.Tensor:
    """Biases at the beginning: components around the prediction, scales around what fits photographs."""
    middle = max((config.bits - 8) * math.log(2) + math.log(3), -1)
    places = torch.linspace(-1, 1, config.components) if config.components > 1 else torch.zeros(1)
    rows = [
        [0, 0, middle + 1.5 * place] + [0] * channel for channel in range(config.channels) for place in places.tolist()
    ]
    return torch.tensor([row for component in rows for row in component])
