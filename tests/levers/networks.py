"""Networks and trainings that differ from pixelrnn's in one thing, for as long as a context lasts."""

import contextlib
import functools
import itertools
from collections.abc import Iterator
from typing import Any
from unittest import mock

import torch
from pixelrnn.torch import Config, Given, Masked, Network, PixelCnn, network, pixelcnn
from pixelrnn.train import training
from pixelrnn.train.images import Store
from torch.nn import functional

TEACHER = "examples/models/mnist-rowlstm.safetensors"


class Gated(PixelCnn):
    """The block's maps are a tanh times a sigmoid (van den Oord et al., 2016b, arXiv 1606.05328, section 2.1)."""

    def __init__(self, config: Config, block: int):
        super().__init__(config, block)
        self.conv = Masked(pixelcnn.mask_b(config.hidden, config.groups).repeat(2, 1, 1, 1))

    def body(self, x: torch.Tensor, given: Given) -> torch.Tensor:
        """What the gates let through."""
        x = self.reduce(x.relu()).relu()
        maps, gates = functional.conv2d(x, self.conv.seen(), self.conv.bias, padding=1).chunk(2, 1)
        return maps.tanh() * gates.sigmoid()


class Twice(PixelCnn):
    """Two blocks of the same weights."""

    def forward(self, stream: torch.Tensor, skip: torch.Tensor, given: Given) -> tuple[torch.Tensor, torch.Tensor]:
        """One behind the other."""
        return super().forward(*super().forward(stream, skip, given), given)


def blocks(kind: type[PixelCnn]) -> contextlib.AbstractContextManager:
    """Other blocks in place of PixelCNN's."""
    return mock.patch.dict(network.BLOCKS, pixelcnn=kind)


def dropout(share: float) -> contextlib.AbstractContextManager:
    """While gradients are wanted, a share of a block's features is 0, others are larger for it."""

    class Dropped(PixelCnn):
        def body(self, x: torch.Tensor, given: Given) -> torch.Tensor:
            return functional.dropout(super().body(x, given), share, torch.is_grad_enabled())

    return blocks(Dropped)


def two_falls() -> contextlib.AbstractContextManager:
    """The learning rate falls twice, in the second half from half as high."""
    once = training.rate

    def twice(settings: Any, step: int, done: float) -> float:
        return once(settings, step, 2 * done) if done < 0.5 else once(settings, step, 2 * done - 1) / 2

    return mock.patch.object(training, "rate", twice)


@contextlib.contextmanager
def moves(share: float) -> Iterator[None]:
    """For a share of the steps, images are moved by up to a pixel each way."""
    cut, steps = Store.cut, itertools.count()
    random = torch.Generator().manual_seed(1)

    @functools.wraps(cut)
    def moved(store: Store, pieces: torch.Tensor) -> tuple:
        values, classes = cut(store, pieces)
        if next(steps) < share * store.steps:
            by = (torch.randint(3, (2,), generator=random) - 1).tolist()
            values = values.roll(by, (2, 3))
        return values, classes

    begin = Store.__init__

    def with_steps(store: Store, images: Any, size: Any, settings: Any, device: Any) -> None:
        begin(store, images, size, settings, device)
        store.steps = settings.steps

    with mock.patch.object(Store, "cut", moved), mock.patch.object(Store, "__init__", with_steps):
        yield


def teacher(share: float) -> contextlib.AbstractContextManager:
    """While gradients are wanted, a share of what is learned from is a larger network's probability of 1."""
    wise = Network.load(TEACHER).requires_grad_(False)
    forward = Network.forward

    def learn(learner: Network, values: torch.Tensor, classes: Any = None) -> torch.Tensor:
        if not torch.is_grad_enabled() or learner is wise:
            return forward(learner, values, classes)
        with torch.no_grad():
            known = wise.head(wise.features(values)).sigmoid()
        wanted = share * known + (1 - share) * values
        logits = learner.head(learner.features(values))
        return functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")

    return mock.patch.object(Network, "forward", learn)
