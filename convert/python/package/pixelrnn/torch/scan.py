"""Recurrences: an LSTM's step after step, from the gates' inputs of all of them.

A step has places (a row's columns, a diagonal's rows); a place's state comes from places around it in the step before.
"""

import torch
from torch.nn import functional


def scan(inputs: torch.Tensor, matrices: torch.Tensor, first: int) -> torch.Tensor:
    """Hidden states of every step, (steps, directions, images, places, h), on a GPU by a kernel of its own.

    `inputs` are what input-to-state gives gates o, f, i, g: (steps, directions, images, places, 4h). `matrices` are
    state-to-state, (directions, taps * h, 4h); their first tap reads the place `first` places further on.
    """
    inputs, matrices = inputs.contiguous(), matrices.contiguous()
    if inputs.is_cuda:
        from .scan_kernel import Scan

        return Scan.apply(inputs.float(), matrices.float(), first)
    return plain(inputs, matrices, first)


def plain(inputs: torch.Tensor, matrices: torch.Tensor, first: int) -> torch.Tensor:
    """The same as it is defined."""
    hidden = cells = torch.zeros_like(inputs[0, ..., : inputs.shape[-1] // 4])
    steps = []
    for gates in inputs.unbind(0):
        around = torch.cat([shifted(hidden, first + tap) for tap in range(taps(matrices))], -1)
        hidden, cells = step(gates + (around.flatten(1, 2) @ matrices).view(gates.shape), cells)
        steps.append(hidden)
    return torch.stack(steps)


def step(gates: torch.Tensor, cells: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Hidden states and cells of a step (paper, equation 3)."""
    o, f, i, g = gates.chunk(4, -1)
    cells = f.sigmoid() * cells + i.sigmoid() * g.tanh()
    return o.sigmoid() * cells.tanh(), cells


def shifted(states: torch.Tensor, places: int) -> torch.Tensor:
    """For every place the state so many places further on; zeros beyond the edge."""
    padded = functional.pad(states, (0, 0, max(-places, 0), max(places, 0)))
    return padded.narrow(-2, max(places, 0), states.shape[-2])


def taps(matrices: torch.Tensor) -> int:
    """How many places of the step before a state comes from."""
    return 4 * matrices.shape[1] // matrices.shape[2]
