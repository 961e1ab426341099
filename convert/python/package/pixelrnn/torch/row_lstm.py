"""Row LSTM (paper, section 3.1): a row at a time; the state of a pixel comes from the row above."""

import torch
from torch.nn import functional

from .condition import Given
from .config import Config
from .lstm import Lstm, reorder, step
from .residual import Residual


class RowLstm(Residual, Lstm):
    """A block of an LSTM from row to row."""

    def __init__(self, config: Config):
        super().__init__(config)
        self.add_products(config, config.kernel, along_row=True)

    def body(self, x: torch.Tensor, given: Given) -> torch.Tensor:
        """Hidden states, row by row."""
        taps = self.state_to_state.weight.shape[2]
        matrix = reorder(self.states(), 1)
        # (rows, images, columns, 4h)
        inputs = reorder(self.inputs(x, given), 1).permute(2, 0, 3, 1).contiguous()
        columns = inputs.shape[2]
        hidden = cells = torch.zeros_like(inputs[0, :, :, : inputs.shape[3] // 4])
        rows = []
        for row in inputs.unbind(0):
            above = functional.pad(hidden, (0, 0, taps // 2, taps // 2))
            around = torch.cat([above[:, tap : tap + columns] for tap in range(taps)], 2)
            hidden, cells = step(row, around @ matrix, cells)
            rows.append(hidden)
        return torch.stack(rows, 2).permute(0, 3, 2, 1)
