"""Diagonal BiLSTM (paper, section 3.2): LSTMs from both upper corners, a diagonal at a time on the skewed map."""

import torch
from torch.nn import functional

from .condition import Given
from .config import Config
from .lstm import Lstm, reorder, step
from .residual import Residual

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

    def __init__(self, config: Config):
        super().__init__(config)
        self.left = Direction(config)
        self.right = Direction(config)

    def body(self, x: torch.Tensor, given: Given) -> torch.Tensor:
        """Both directions' hidden states together."""
        from_left, from_right = self.scan([self.left.inputs(x, given), self.right.inputs(x.flip(3), given.flip())])
        # One row down, so that no pixel sees what is to its right in its own row.
        return from_left + functional.pad(from_right.flip(3), (0, 0, 1, 0))[:, :, :-1]

    def scan(self, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
        """Hidden states of both directions, from their gates' inputs; each goes from left to right."""
        matrices = torch.stack([reorder(direction.states(), 1) for direction in (self.left, self.right)])
        # (diagonals, directions, images, rows, 4h)
        skewed = torch.stack([reorder(skew(gates, CLOSED), 1) for gates in inputs]).permute(4, 0, 1, 3, 2).contiguous()
        hidden = cells = torch.zeros_like(skewed[0, ..., : skewed.shape[-1] // 4])
        diagonals = []
        for diagonal in skewed.unbind(0):
            # On the diagonal before, the pixel above lies one row up, the one to the left in the same row.
            above = functional.pad(hidden, (0, 0, 1, 0))[:, :, :-1]
            before = torch.cat([above, hidden], 3).flatten(1, 2)
            hidden, cells = step(diagonal, (before @ matrices).view(diagonal.shape), cells)
            diagonals.append(hidden)
        return [unskew(states) for states in torch.stack(diagonals, 4).permute(0, 1, 3, 2, 4)]
