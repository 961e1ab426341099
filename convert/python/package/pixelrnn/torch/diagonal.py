"""Diagonal BiLSTM (paper, section 3.2): LSTMs from both upper corners, a diagonal at a time on the skewed map."""

from typing import Optional

import torch
from torch.nn import functional

from .config import Config
from .lstm import Lstm
from .residual import Residual


def skew(x: torch.Tensor) -> torch.Tensor:
    """Moves every row one place further to the right than the row above: a diagonal becomes a column (figure 3)."""
    rows, columns = x.shape[2:]
    return functional.pad(x, (0, rows)).flatten(2)[:, :, : rows * (rows + columns - 1)].unflatten(2, (rows, -1))


def unskew(x: torch.Tensor) -> torch.Tensor:
    """The map of which `skew` made this."""
    rows, columns = x.shape[2], x.shape[3] - x.shape[2] + 1
    return functional.pad(x.flatten(2), (0, rows)).unflatten(2, (rows, -1))[:, :, :, :columns]


class Direction(Lstm):
    """From left to right: the state of a pixel comes from the one above and the one to its left."""

    def __init__(self, config: Config):
        super().__init__()
        self.add_products(config, 2, along_row=False)

    def forward(self, x: torch.Tensor, classes: Optional[torch.Tensor] = None) -> torch.Tensor:
        """Hidden states from 2h features."""
        inputs = skew(self.inputs(x, classes))
        # Before the image and behind it there are no states.
        inside = skew(torch.ones_like(x[:1, :1]))
        hidden = cells = torch.zeros_like(inputs[:, : inputs.shape[1] // 4, :, 0])
        diagonals = []
        for diagonal, is_inside in zip(inputs.unbind(3), inside.unbind(3)):
            # On the diagonal before, the pixel above lies one row up, the one to the left in the same row.
            hidden, cells = self.step(diagonal, hidden, cells, padding=(1, 0))
            hidden, cells = hidden * is_inside, cells * is_inside
            diagonals.append(hidden)
        return unskew(torch.stack(diagonals, 3))


class Diagonal(Residual):
    """A block of both directions."""

    def __init__(self, config: Config):
        super().__init__(config)
        self.left = Direction(config)
        self.right = Direction(config)

    def body(self, x: torch.Tensor, classes: Optional[torch.Tensor]) -> torch.Tensor:
        """Both directions' hidden states together."""
        from_left = self.left(x, classes)
        from_right = self.right(x.flip(3), classes).flip(3)
        # One row down, so that no pixel sees what is to its right in its own row.
        return from_left + functional.pad(from_right, (0, 0, 1, 0))[:, :, :-1]
