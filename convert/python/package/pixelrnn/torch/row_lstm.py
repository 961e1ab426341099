"""Row LSTM (paper, section 3.1): a row at a time; the state of a pixel comes from the row above."""

import torch

from .condition import Given
from .config import Config
from .lstm import Lstm
from .residual import Residual
from .scan import scan


class RowLstm(Residual, Lstm):
    """A block of an LSTM from row to row."""

    def __init__(self, config: Config, _block: int):
        super().__init__(config)
        self.add_products(config, config.kernel, along_row=True)

    def body(self, x: torch.Tensor, given: Given) -> torch.Tensor:
        """Hidden states, row by row."""
        # (rows, one direction, images, columns, 4h)
        inputs = self.inputs(x, given).permute(2, 0, 3, 1)[:, None]
        hidden = scan(inputs, self.states()[None], -(self.state_to_state.weight.shape[2] // 2))
        return hidden[:, 0].permute(1, 3, 0, 2)
