"""The training loop, the same in every worker."""

import math
import os
import sys
from pathlib import Path
from typing import Optional

import torch

from .. import Error, files
from ..torch import Network
from . import checkpoint
from .arguments import Settings
from .images import Order, batch, sets
from .optimizer import average, move, optimizer, rate
from .workers import Workers


class Diverged(Exception):
    """Gradients are no numbers any more."""


class Training:
    """A training and its folder."""

    def __init__(self, settings: Settings, workers: Workers):
        self.settings, self.workers, self.out = settings, workers, Path(settings.out)
        if workers.count > settings.batch:
            raise Error(f"--batch {settings.batch} is less than an image for each of {workers.count} workers")
        training, self.validation, size = sets(settings)
        config = settings.config(training.images[0].shape[2], training.class_count)
        torch.manual_seed(settings.seed)
        network = Network.load(settings.init) if settings.init else Network(config)
        if network.config != config:
            raise checkpoint.CheckpointError(Path(settings.init), f"it holds {network.config}, not {config}")
        self.network = network.to(workers.device)
        self.averaged = average(self.network, settings)
        self.optimizer = optimizer(self.network, settings)
        self.order, self.step, self.best = Order(training, size, settings), 0, math.inf
        same = ["seed", "batch", "optimizer", "flip", "values"]
        self.identity = {"the network": config.to_dict()} | {f"--{name}": getattr(settings, name) for name in same}
        self.identity |= {"images of": list(size), "training images of CRC-32": training.checksum()}
        self.resume()
        self.together = workers.together(self.network)

    @property
    def checkpoint(self) -> Path:
        """The checkpoint's file."""
        return self.out / "checkpoint.pt"

    def resume(self) -> None:
        """Goes on from the folder's checkpoint, if there is one."""
        if not self.checkpoint.exists():
            return
        state = checkpoint.read(self.checkpoint, self.identity, self.workers.device)
        for name in ["network", "averaged", "optimizer"]:
            getattr(self, name).load_state_dict(state[name])
        self.step, self.best = state["step"], state["best"]

    def run(self) -> None:
        """Trains to the end."""
        weights = sum(parameter.numel() for parameter in self.network.parameters())
        say(f"worker {self.workers.number} of {self.workers.count}, process {os.getpid()}")
        if self.workers.note:
            self.say(self.workers.note)
        self.say(
            f"{len(self.order.places)} training images, {len(self.validation.images)} to validate, {weights} weights"
        )
        if self.step > 0:
            self.say(f"going on from step {self.step}")
        nats: Optional[float] = None
        while self.step < self.settings.steps:
            nats = self.learn()
            self.step += 1
            if self.step % self.settings.every == 0 or self.step == self.settings.steps:
                self.validate(nats)

    def learn(self) -> float:
        """One step; gives the nats an image before it."""
        share = self.workers.share(self.settings.batch)
        values, classes = self.order.step(self.step, share)
        nats = self.together(*self.on_device(values, classes)).flatten(1).sum(1)
        self.optimizer.zero_grad()
        # Workers' gradients are averaged: a share of each image that makes them the mean over the batch.
        (nats.sum() * self.workers.count / self.settings.batch).backward()
        norm = move(self.optimizer, self.network, self.settings, self.step)
        if not math.isfinite(norm):
            raise Diverged(
                f"the gradients' norm is not finite at step {self.step}: the training diverged; the last checkpoint "
                "stands, a lower --rate or --clip may help"
            )
        self.averaged.update_parameters(self.network)
        return nats.mean().item()

    @torch.no_grad()
    def validate(self, nats: float) -> None:
        """Measures the averaged weights on the validation images, keeps the best, and makes a checkpoint."""
        images, total = self.validation.images, 0.0
        share = list(self.workers.share(len(images)))
        for start in range(0, len(share), self.settings.batch):
            places = share[start : start + self.settings.batch]
            classes = self.validation.classes and [self.validation.classes[place] for place in places]
            values = batch([images[place] for place in places], classes)
            total += self.averaged(*self.on_device(*values)).sum().item()
        (total,) = self.workers.sum(total)
        mean, each = total / len(images), images[0].size * math.log(2)
        if self.workers.is_first:
            self.write(mean, nats)
        # What is told is safe.
        figures = f"{nats:.3f} nats an image in training, {mean:.3f} in validation, {mean / each:.4f} bits a dimension"
        self.say(f"step {self.step}: {figures}")
        self.best = min(self.best, mean)

    def write(self, mean: float, nats: float) -> None:
        """Writes the weights if they are the best so far, the log, and last the checkpoint."""
        if mean < self.best:
            self.averaged.module.save(self.out)
        log = self.out / "log.csv"
        lines = (
            [line for line in log.read_text().splitlines()[1:] if int(line.split(",")[0]) < self.step]
            if log.exists()
            else []
        )
        lines.append(f"{self.step},{nats:.4f},{mean:.4f},{rate(self.settings, self.step):.3e}")
        files.write(log, "\n".join(["step,training_nats,validation_nats,rate", *lines, ""]).encode())
        state = {name: getattr(self, name).state_dict() for name in ["network", "averaged", "optimizer"]}
        checkpoint.write(self.checkpoint, self.identity, state | {"step": self.step, "best": min(self.best, mean)})

    def on_device(
        self, values: torch.Tensor, classes: Optional[torch.Tensor]
    ) -> tuple[torch.Tensor, Optional[torch.Tensor]]:
        """Images and classes where the network is."""
        device = self.workers.device
        return values.to(device), None if classes is None else classes.to(device)

    def say(self, text: str) -> None:
        """Prints a line, once for all workers."""
        if self.workers.is_first:
            say(text)


def say(text: str) -> None:
    """Prints a line at once: other workers print to the same place."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
