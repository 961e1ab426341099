"""Diagonal BiLSTM (paper, section 3.2): LSTMs from both upper corners, a diagonal at a time on the skewed map."""

import torch
from torch.nn import functional

from .condition import Given
from .config import Config
from .lstm import Lstm
from .residual import Residual
from .scan import scan

CLOSED = -1e4
"""What gates get where there is no image: they close, and states are 0."""


def skew(x: torch.Tensor, outside: float) -> torch.Tensor:
    """Moves every row one place further to the right than the row above: a diagonal becomes a column (figure 3)."""
    rows, columns = x.shape[2:]
    padded = functional.pad(x, (0, rows), value=outside)
    return padded.flatten(2)[:, :, : rows * (rows + columns - 1)].unflatten(2, (rows, -1))


def unskew(x: torch.Tensor) -> torch.Tensor:
    """The map of which `skew` made this."""
    rows, columns = x.shape[2], x.shape[3] - x.shape[2] + 1
    return functional.pad(x.flatten(2), (0, rows)).unflatten(2, (rows, -1))[:, :, :, :columns]


class Direction(Lstm):
    """From left to right: the state of a pixel comes from the one above and the one to its left."""

    def __init__(self, config: Config):
        super().__init__()
        self.add_products(config, 2, along_row=False)


class Diagonal(Residual):
    """A block of both directions."""

    def __init__(self, config: Config, _block: int):
        super().__init__(config)
        self.left = Direction(config)
        self.right = Direction(config)

    def body(self, x: torch.Tensor, given: Given) -> torch.Tensor:
        """Both directions' hidden states together."""
        from_left, from_right = self.walk([self.left.inputs(x, given), self.right.inputs(x.flip(3), given.flip())])
        # One row down, so that no pixel sees what is to its right in its own row.
        return from_left + functional.pad(from_right.flip(3), (0, 0, 1, 0))[:, :, :-1]

    def walk(self, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
        """Hidden states of both directions, from their gates' inputs; each goes from left to right."""
        matrices = torch.stack([direction.states() for direction in (self.left, self.right)])
        # (diagonals, directions, images, rows, 4h)
        skewed = torch.stack([skew(gates, CLOSED) for gates in inputs]).permute(4, 0, 1, 3, 2)
        # On the diagonal before, the pixel above lies one row up, the one to the left in the same row.
        hidden = scan(skewed, matrices, -1)
        return [unskew(states) for states in hidden.permute(1, 2, 4, 3, 0)]
