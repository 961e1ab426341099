"""Loops over an image: draw it, or read a known one and keep the logits."""

import numpy as np
import torch

from networks import sizes


class Values:
    """Where each value comes from: a known image, or logits and a random number."""

    def __init__(self, net, batch, height, width, known, seed):
        self.known = known
        self.logits = []
        self.scale = 1.0 / (net.levels - 1)
        self.binary = net.levels == 2
        uniform = np.random.default_rng(seed).random((height, width, batch, 1), dtype=np.float32)
        uniform = uniform.clip(1e-7, 1 - 1e-7)
        # sigmoid(logit) > u, without a sigmoid a pixel.
        self.uniform = np.log(uniform / (1 - uniform)) if self.binary else uniform
        self.tensors = torch.from_numpy(self.uniform)

    def torch(self, logits, y, x):
        if self.known is not None:
            self.logits.append(logits.clone().numpy())
            return float(self.known[y, x]) * self.scale
        if self.binary:
            return torch.gt(logits, self.tensors[y, x])[:, 0]
        below = torch.softmax(logits, 1).cumsum(1) < self.tensors[y, x]
        return below[:, :-1].sum(1) * self.scale

    def numpy(self, logits, y, x):
        if self.known is not None:
            self.logits.append(logits.copy())
            return float(self.known[y, x]) * self.scale
        if self.binary:
            return (logits > self.uniform[y, x])[:, 0]
        shares = np.exp(logits - logits.max(1, keepdims=True)).cumsum(1)
        return (shares < self.uniform[y, x] * shares[:, -1:])[:, :-1].sum(1) * self.scale


def whole(net, run, batch, height, width, known=None, seed=1, pixels=None, numpy=False):
    """The whole network for every pixel. `pixels` stops early: every step is the same work."""
    values = Values(net, batch, height, width, known, seed)
    canvas = np.zeros((batch, 1, height, width), np.float32)
    image = canvas if numpy else torch.from_numpy(canvas)
    choose = values.numpy if numpy else values.torch
    for number in range(height * width if pixels is None else pixels):
        y, x = divmod(number, width)
        image[:, 0, y, x] = choose(run(image)[:, :, y, x], y, x) * 1.0
    return canvas[:, 0], values.logits


def cached(net, step, row_end, batch, height, width, known=None, seed=1, numpy=False):
    """One pixel at a time: `step` and `row_end` of networks.py."""
    above_size, new_size = sizes(net)
    values = Values(net, batch, height, width, known, seed)
    canvas = np.zeros((batch, height + 3, width + 3), np.float32)
    zeros, stack, image, choose = (
        (lambda *shape: np.zeros(shape, np.float32), np.stack, canvas, values.numpy)
        if numpy
        else (torch.zeros, torch.stack, torch.from_numpy(canvas), values.torch)
    )
    aboves, nothing = zeros(width, batch, above_size), zeros(batch, new_size)
    for y in range(height):
        new, news = nothing, []
        for x in range(width):
            logits, new = step(image[:, y + 3, x : x + 3], aboves[x], new)
            news.append(new)
            image[:, y + 3, x + 3] = choose(logits, y, x)
        if y + 1 < height:
            aboves = row_end(stack(news), aboves, image[:, y + 1 : y + 4, 3:])
    return canvas[:, 3:, 3:], values.logits
