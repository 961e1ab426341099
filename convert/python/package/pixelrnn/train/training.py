"""The training loop, the same in every worker."""

import copy
import json
import math
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch

from .. import Error, files
from ..torch import Config, Network, images
from ..torch.upsample import known
from . import checkpoint
from .arguments import Settings
from .begin import begin
from .images import Images, Order, sets
from .optimizer import Optimizer, rate
from .step import precision, step
from .workers import Workers

LOOK = 50
"""Steps between looks at what a device made, for which it is waited."""


class Diverged(Exception):
    """Gradients are no numbers any more."""


class Training:
    """A training and its folder."""

    def __init__(self, settings: Settings, workers: Workers):
        self.settings, self.workers, self.out = settings, workers, Path(settings.out)
        if workers.count > settings.batch:
            raise Error(f"--batch {settings.batch} is less than an image for each of {workers.count} workers")
        training, self.validation, size = sets(settings)
        network = begin(settings, training.images[0].shape[2], training.class_count)
        config = network.config
        self.averaged = copy.deepcopy(network).to(workers.device).requires_grad_(False)
        self.network = fast(network, workers.device)
        self.optimizer = Optimizer(self.network, settings)
        self.order = Order(training, size, settings, workers.device)
        self.steps, self.minutes, self.best = 0, 0.0, math.inf
        self.identity = identity(settings, config, size, training)
        self.resume()
        together = workers.together(self.network)
        together = torch.compile(together) if settings.compile else together
        self.step = step(together, self.optimizer, self.order.store.cut, settings, workers)

    @property
    def dimensions(self) -> int:
        """Values of an image that the network is not given."""
        values, config = images(self.validation.images[:1]), self.network.config
        held = int(known(config, values).sum()) if config.factor else 0
        return values.numel() - held * config.channels

    @property
    def checkpoint(self) -> Path:
        """The checkpoint's file."""
        return self.out / "checkpoint.pt"

    def resume(self) -> None:
        """Goes on from the folder's checkpoint, if there is one."""
        if not self.checkpoint.exists():
            return
        state = checkpoint.read(self.checkpoint, self.identity, self.workers.device)
        self.optimizer.load_state_dict(state["optimizer"])
        self.steps, self.minutes, self.best = state["steps"], state["minutes"], state["best"]

    @property
    def done(self) -> float:
        """The share of the training that is done."""
        return self.steps / self.settings.steps if self.settings.steps else self.minutes / self.settings.minutes

    def run(self) -> None:
        """Trains to the end."""
        self.tell()
        start = time.monotonic() - 60 * self.minutes
        while self.done < 1:
            self.optimizer.rate.fill_(rate(self.settings, self.steps, self.done))
            self.step(self.order.step(self.steps)[self.workers.number :: self.workers.count])
            self.steps += 1
            if self.steps % LOOK == 0 and self.settings.minutes:
                self.step.nats.item()
            self.minutes = (time.monotonic() - start) / 60
            # All workers end with the first one's clock; steps need none.
            if self.settings.minutes:
                self.minutes = self.workers.first(self.minutes)
            if self.steps % self.settings.every == 0 or self.done >= 1:
                before = time.monotonic()
                self.validate()
                # Only training counts.
                start += time.monotonic() - before

    def tell(self) -> None:
        """Says what is trained, and on what."""
        weights = sum(parameter.numel() for parameter in self.network.parameters())
        say(f"worker {self.workers.number} of {self.workers.count}, process {os.getpid()}")
        if self.workers.note:
            self.say(self.workers.note)
        pieces, valid = len(self.order.numbers), len(self.validation.images)
        self.say(f"{pieces} training images, {valid} to validate, {weights} weights")
        if self.steps > 0:
            self.say(f"going on from step {self.steps}")
        if self.workers.is_first:
            told = json.dumps(self.settings.told(), indent=2) + "\n"
            files.write(self.out / "train.json", told.encode())

    def validate(self) -> None:
        """Measures the averaged weights on the validation images, keeps the best, and makes a checkpoint."""
        if self.optimizer.lost.item():
            raise Diverged(
                f"the gradients' norm was not finite before step {self.steps}: the training diverged; the last "
                "checkpoint stands, a lower --rate or --clip may help"
            )
        nats, mean = self.step.nats.item(), self.likelihood()
        if self.workers.is_first:
            self.write(mean, nats)
        # What is told is safe.
        each = self.dimensions * math.log(2)
        figures = f"{nats:.3f} nats an image in training, {mean:.3f} in validation, {mean / each:.4f} bits a dimension"
        self.say(f"step {self.steps}: {figures}, {self.minutes:.2f} minutes")
        self.best = min(self.best, mean)

    @torch.no_grad()
    def likelihood(self) -> float:
        """Mean nats of the validation images by the averaged weights."""
        self.averaged.load_state_dict(self.optimizer.averaged())
        found, device, total = self.validation, self.workers.device, 0.0
        share = list(self.workers.share(len(found.images)))
        for start in range(0, len(share), self.settings.batch):
            places = share[start : start + self.settings.batch]
            classes = torch.tensor([found.classes[place] for place in places]).to(device) if found.classes else None
            values = images(np.stack([found.images[place] for place in places])).to(device)
            with precision(self.settings, device):
                total += self.averaged(values, classes).double().sum().item()
        (total,) = self.workers.sum(total)
        return total / len(found.images)

    def write(self, mean: float, nats: float) -> None:
        """Writes the weights if they are the best so far, the log, and last the checkpoint."""
        if mean < self.best:
            self.averaged.save(self.out)
        log = self.out / "log.csv"
        lines = (
            [line for line in log.read_text().splitlines()[1:] if int(line.split(",")[0]) < self.steps]
            if log.exists()
            else []
        )
        lines.append(f"{self.steps},{self.minutes:.2f},{self.optimizer.rate.item():.3e},{nats:.4f},{mean:.4f}")
        files.write(log, "\n".join(["step,minutes,rate,train_nats,valid_nats", *lines, ""]).encode())
        progress = {"steps": self.steps, "minutes": self.minutes, "best": min(self.best, mean)}
        checkpoint.write(self.checkpoint, self.identity, progress | {"optimizer": self.optimizer.state_dict()})

    def say(self, text: str) -> None:
        """Prints a line, once for all workers."""
        if self.workers.is_first:
            say(text)


def identity(settings: Settings, config: Config, size: tuple[int, int], training: Images) -> dict:
    """What must be the same where a training is gone on with."""
    same = ["seed", "batch", "optimizer", "flip", "values", "shrink"]
    told = {"the network": config.to_dict()} | {f"--{name}": getattr(settings, name) for name in same}
    return told | {"images of": list(size), "training images of CRC-32": training.checksum()}


def fast(network: Network, device: torch.device) -> Network:
    """The network on its device; products of 10 bits, likelihoods of 24, are exact enough to learn from on a GPU."""
    network = network.to(device)
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = True
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        if network.config.components and network.config.levels <= 4096:
            network.head.kind = torch.float32
    return network


def say(text: str) -> None:
    """Prints a line at once: other workers print to the same place."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
