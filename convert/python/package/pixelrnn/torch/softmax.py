"""A head of one softmax a channel over all levels (paper, section 3); a sigmoid for 2 levels."""

import torch
from torch.nn import functional

from .readout import Readout


class Softmax(Readout):
    """A channel's rows are the logits of its levels, or the one of value 1."""

    def nats(self, x: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """Negative log-likelihood of each value, in nats, from 2h features: (images, channels, rows, columns)."""
        rows = self(x)
        if self.config.levels == 2:
            return functional.softplus(torch.where(values == 1, -rows, rows))
        # (images, levels, channels, rows, columns)
        logits = rows.unflatten(1, (self.config.channels, -1)).transpose(1, 2)
        return functional.cross_entropy(logits, values, reduction="none")
