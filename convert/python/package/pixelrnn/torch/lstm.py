"""An LSTM's products: what Row LSTM and both directions of Diagonal BiLSTM share (paper, equation 3)."""

import torch
from torch.nn import functional

from .condition import Conditioned, Given
from .config import Config
from .masked import Masked, gate_bias, own_pixel


class Lstm(Conditioned):
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
        self.add_conditions(gates, config)

    def inputs(self, x: torch.Tensor, given: Given) -> torch.Tensor:
        """The input-to-state map of all pixels at once: (images, 4h, rows, columns)."""
        weight = self.input_to_state.seen()
        kernel = weight.view(weight.shape[0], weight.shape[1], 1, -1)
        x = functional.conv2d(x, kernel, self.input_to_state.bias, padding=(0, kernel.shape[-1] // 2))
        return self.with_conditions(x, given)

    def states(self) -> torch.Tensor:
        """State-to-state as a matrix from the hidden states of all taps, one behind the other, to the gates."""
        return self.state_to_state.seen().permute(2, 1, 0).flatten(0, 1)
