"""An LSTM's products and its step: what Row LSTM and both directions of Diagonal BiLSTM share (paper, equation 3)."""

from typing import Optional

import torch
from torch.nn import functional

from .config import Config
from .masked import Classed, Masked, gate_bias, own_pixel


class Lstm(Classed):
    """Input-to-state of 2h features and state-to-state of h hidden states, both to gates o, f, i, g of h units each."""

    def add_products(self, config: Config, state_taps: int, along_row: bool) -> None:
        """Gives the module its weights; along the row, input-to-state reads the left neighbour, too."""
        h, gates = config.hidden, 4 * config.hidden
        own = own_pixel("B", gates, 2 * h, config.groups, parts=4)
        # Left neighbour, the pixel itself, right neighbour: that is the future.
        mask = torch.stack([torch.ones_like(own), own, torch.zeros_like(own)], 2) if along_row else own
        self.input_to_state = Masked(mask)
        self.input_to_state.bias.data = gate_bias(h)
        self.state_to_state = Masked(torch.ones(gates, h, state_taps), bias=False)
        self.add_classes(gates, config.classes)

    def inputs(self, x: torch.Tensor, classes: Optional[torch.Tensor]) -> torch.Tensor:
        """The input-to-state map of all pixels at once: (images, 4h, rows, columns)."""
        weight = self.input_to_state.seen()
        kernel = weight.view(weight.shape[0], weight.shape[1], 1, -1)
        x = functional.conv2d(x, kernel, self.input_to_state.bias, padding=(0, kernel.shape[-1] // 2))
        return self.with_class(x, classes)

    def step(
        self, inputs: torch.Tensor, hidden: torch.Tensor, cells: torch.Tensor, padding: tuple[int, int]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Hidden states and cells of a line of pixels, (images, h, places), from those of the line before."""
        states = functional.conv1d(functional.pad(hidden, padding), self.state_to_state.seen())
        o, f, i, g = (inputs + states).chunk(4, 1)
        cells = f.sigmoid() * cells + i.sigmoid() * g.tanh()
        return o.sigmoid() * cells.tanh(), cells
