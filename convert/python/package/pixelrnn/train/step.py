"""A step of a training: forward, backward, and the weights' move, on one worker's device."""

from typing import Optional

import torch
from torch import nn

from .arguments import Settings
from .optimizer import Optimizer
from .workers import Workers

WARM_UP = 3
"""Steps before a GPU's computations are recorded; they are taken back."""


class Step:
    """A step that is computed as it is written."""

    def __init__(self, together: nn.Module, optimizer: Optimizer, cut, settings: Settings, workers: Workers):
        self.together, self.optimizer, self.cut = together, optimizer, cut
        self.settings, self.workers = settings, workers
        # Workers' gradients are averaged: a share of each image that makes them the mean over the batch.
        self.share = workers.count / settings.batch
        self.nats = torch.zeros((), device=workers.device)

    def __call__(self, pieces: torch.Tensor) -> None:
        """Learns from some pieces; `nats` is then their mean nats, before the step."""
        self.compute(pieces)

    def compute(self, pieces: torch.Tensor) -> None:
        """All of it; nothing waits for the device."""
        values, classes = self.cut(pieces)
        for weight in self.together.parameters():
            weight.grad = None
        with precision(self.settings, values.device):
            nats = self.together(values, classes).flatten(1).sum(1)
        (nats.sum() * self.share).backward()
        self.optimizer.step()
        self.nats.copy_(nats.detach().mean())


class Recorded(Step):
    """The same, recorded once and replayed: starting thousands of computations takes a GPU longer than doing them."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.graph: Optional[torch.cuda.CUDAGraph] = None

    def __call__(self, pieces: torch.Tensor) -> None:
        """Replays the step with these pieces."""
        if self.graph is None:
            self.pieces = pieces.clone()
            self.record()
        self.pieces.copy_(pieces)
        self.graph.replay()

    def record(self) -> None:
        """Records the computations."""
        before = {name: tensor.clone() for name, tensor in self.optimizer.state_dict().items()}
        stream, current = torch.cuda.Stream(), torch.cuda.current_stream()
        stream.wait_stream(current)
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP):
                self.compute(self.pieces)
            self.optimizer.load_state_dict(before)
        current.wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=stream, capture_error_mode="thread_local"):
            self.compute(self.pieces)
        self.graph = graph


def step(together: nn.Module, optimizer: Optimizer, cut, settings: Settings, workers: Workers) -> Step:
    """The kind of step that a worker's device wants; several workers exchange gradients, which is not recorded."""
    is_recorded = workers.device.type == "cuda" and not workers.is_several
    return (Recorded if is_recorded else Step)(together, optimizer, cut, settings, workers)


def precision(settings: Settings, device: torch.device) -> torch.autocast:
    """In what numbers products are computed."""
    return torch.autocast(device.type, torch.bfloat16, enabled=settings.bfloat16)
