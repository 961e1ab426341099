"""Row LSTM (paper, section 3.1): a row at a time; the state of a pixel comes from the row above."""

from typing import Optional

import torch

from .config import Config
from .lstm import Lstm
from .residual import Residual


class RowLstm(Residual, Lstm):
    """A block of an LSTM from row to row."""

    def __init__(self, config: Config):
        super().__init__(config)
        self.add_products(config, config.kernel, along_row=True)

    def body(self, x: torch.Tensor, classes: Optional[torch.Tensor]) -> torch.Tensor:
        """Hidden states, row by row."""
        around = self.state_to_state.weight.shape[2] // 2
        inputs = self.inputs(x, classes)
        hidden = cells = torch.zeros_like(inputs[:, : inputs.shape[1] // 4, 0])
        rows = []
        for row in inputs.unbind(2):
            hidden, cells = self.step(row, hidden, cells, padding=(around, around))
            rows.append(hidden)
        return torch.stack(rows, 2)
