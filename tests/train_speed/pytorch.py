"""Times training steps of the same networks in plain PyTorch, eager or compiled, to compare with `pixelrnn train --benchmark`.

A step is forward, backward and an AdamW update on random images. run.sh runs both and prints a table.
"""

import argparse
import time

import torch
from torch import nn
from torch.nn import functional as F


def group_mask(outputs, inputs, groups, strict):
    """1 where an output's channel group may read an input's at the pixel itself."""
    group = lambda features: torch.arange(features) // (features // groups)
    output, input = group(outputs)[:, None], group(inputs)[None, :]
    return (input < output if strict else input <= output).float()


class MaskedConv(nn.Conv2d):
    """A convolution that sees the pixels before, and of the pixel itself the groups before (mask A) or up to its own (mask B)."""

    def __init__(self, inputs, outputs, size, groups=1, mask="B"):
        super().__init__(inputs, outputs, size, padding=size // 2)
        seen = torch.ones(outputs, inputs, size, size)
        middle = size // 2
        seen[:, :, middle + 1 :] = 0
        seen[:, :, middle, middle + 1 :] = 0
        seen[:, :, middle, middle] = group_mask(outputs, inputs, groups, mask == "A")
        self.register_buffer("seen", seen)

    def forward(self, x):
        return self._conv_forward(x, self.weight * self.seen, self.bias)


class RowLstm(nn.Module):
    """A row at a time, the columns together."""

    def __init__(self, h, _groups):
        super().__init__()
        self.input_to_state = nn.Conv2d(2 * h, 4 * h, (1, 2))
        self.state_to_state = nn.Conv1d(h, 4 * h, 3, padding=1, bias=False)
        self.expand = nn.Conv2d(h, 2 * h, 1)

    def forward(self, x):
        given = self.input_to_state(F.pad(x, (1, 0))).unbind(2)
        return x + self.expand(torch.stack(recurrence(given, self.state_to_state), 2))


class Diagonal(nn.Module):
    """A diagonal at a time, its rows together: from the left, and from the right a row lower."""

    def __init__(self, h, _groups):
        super().__init__()
        self.input_to_state = nn.ModuleList([nn.Conv2d(2 * h, 4 * h, 1) for _ in range(2)])
        self.state_to_state = nn.ModuleList([nn.Conv1d(h, 4 * h, 2, bias=False) for _ in range(2)])
        self.expand = nn.Conv2d(h, 2 * h, 1)

    def forward(self, x):
        left, right = self.side(0, x), self.side(1, x.flip(3)).flip(3)
        return x + self.expand(left + F.pad(right, (0, 0, 1, 0))[:, :, :-1])

    def side(self, number, x):
        height, width = x.shape[2:]
        # Every row a column further to the right than the one above.
        skewed = F.pad(self.input_to_state[number](x), (0, height)).flatten(2)
        skewed = skewed[:, :, : height * (width + height - 1)].unflatten(2, (height, -1))
        above = lambda state: self.state_to_state[number](F.pad(state, (1, 0)))
        states = torch.stack(recurrence(skewed.unbind(3), above), 3)
        return F.pad(states.flatten(2), (0, height)).unflatten(2, (height, -1))[:, :, :, :width]


def recurrence(given, state_to_state):
    """Hidden states of an LSTM over a list of what is given at each step."""
    hidden = cell = torch.zeros_like(given[0][:, : given[0].shape[1] // 4])
    states = []
    for gates in given:
        hidden, cell = lstm(gates, state_to_state(hidden), cell)
        states.append(hidden)
    return states


def lstm(given, from_states, cell):
    """A step."""
    o, f, i, g = (given + from_states).chunk(4, 1)
    cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
    return o.sigmoid() * cell.tanh(), cell


class Block(nn.Module):
    """A PixelCNN's."""

    def __init__(self, h, groups):
        super().__init__()
        self.reduce = MaskedConv(2 * h, h, 1, groups)
        self.conv = MaskedConv(h, h, 3, groups)
        self.expand = MaskedConv(h, 2 * h, 1, groups)

    def forward(self, x):
        inner = self.conv(F.relu(self.reduce(F.relu(x))))
        return x + self.expand(F.relu(inner))


BLOCKS = {"pixelcnn": Block, "row-lstm": RowLstm, "diagonal-bilstm": Diagonal}


class Network(nn.Module):
    def __init__(self, o):
        super().__init__()
        self.o = o
        groups = 1 if o.components else o.channels
        self.first = MaskedConv(o.channels, 2 * o.hidden, 7, groups, "A")
        if groups == 1:  # nothing of the pixel itself
            self.first.seen[:, :, 3, 3] = 0
        self.blocks = nn.Sequential(*[BLOCKS[o.architecture](o.hidden, groups) for _ in range(o.blocks)])
        each = [o.components * (3 + c) if o.components else o.levels for c in range(o.channels)]
        self.each = each
        self.hidden = MaskedConv(2 * o.hidden, o.head, 1, groups)
        self.output = MaskedConv(o.head, sum(each), 1, groups if o.components == 0 else 1)
        self.linear = nn.Conv2d(4 * o.channels, o.channels, 1, bias=False)
        self.coupling = nn.Parameter(torch.zeros(o.channels, o.channels))

    def forward(self, x):
        o = self.o
        scaled = 2 * x / (o.levels - 1) - 1
        out = self.output(F.relu(self.hidden(F.relu(self.blocks(self.first(scaled))))))
        if o.components == 0:
            logits = out.view(len(x), o.channels, o.levels, *x.shape[2:]).transpose(1, 2)
            return F.cross_entropy(logits, x.long(), reduction="sum") / len(x)
        return -self.mixture(x, out.split(self.each, 1)).sum() / len(x)

    def neighbours(self, x):
        """W, N, NW and NE of every pixel, replaced at the edges."""
        padded = F.pad(x, (1, 1, 1, 0), mode="replicate")
        h, w = x.shape[2:]
        return torch.cat([padded[:, :, r : r + h, c : c + w] for r, c in ((1, 0), (0, 1), (0, 0), (0, 2))], 1)

    def mixture(self, x, rows):
        """Log likelihood of every value."""
        o = self.o
        predicted = self.linear(self.neighbours(x))
        before = self.coupling.tril(-1)
        predicted = predicted + torch.einsum("oc,bchw->bohw", before, x)
        residual = x - predicted
        log = []
        for c in range(o.channels):
            own = rows[c].view(len(x), o.components, 3 + c, *x.shape[2:])
            logit, offset, scale = own[:, :, 0], own[:, :, 1], own[:, :, 2].clamp(-3.5, 12)
            distance = residual[:, c : c + 1]
            if c > 0:
                distance = distance - (own[:, :, 3:].clamp(-3.99, 3.99) * residual[:, None, :c]).sum(2)
            inverse = torch.exp(-scale)
            middle = distance * inverse - offset
            upper, lower = middle + inverse / 2, middle - inverse / 2
            below_upper, above_lower = F.logsigmoid(upper), F.logsigmoid(-lower)
            inside = torch.log(-torch.expm1(-inverse)) + below_upper + above_lower
            value = x[:, c : c + 1]
            each = torch.where(value == 0, below_upper, torch.where(value == o.levels - 1, above_lower, inside))
            log.append(torch.logsumexp(F.log_softmax(logit, 1) + each, 1))
        return torch.stack(log, 1)


def compiled(network, o):
    """The network compiled whole; of an LSTM a step, since all of a recurrence take minutes and more to compile."""
    if o.architecture == "pixelcnn":
        return torch.compile(network)
    globals()["lstm"] = torch.compile(lstm)
    return network


def main():
    parser = argparse.ArgumentParser()
    for name, value in dict(
        channels=1, levels=256, components=5, hidden=16, blocks=4, head=32, size=48, batch=8, threads=1, steps=20
    ).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--architecture", choices=BLOCKS, default="pixelcnn")
    parser.add_argument("--compile", action="store_true")
    o = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(o.threads)
    network = Network(o)
    optimizer = torch.optim.AdamW(network.parameters(), 1e-4)
    computed = compiled(network, o) if o.compile else network
    images = torch.randint(o.levels, (o.batch, o.channels, o.size, o.size)).float()
    warm_up, times, processor = 3, [], []
    for step in range(warm_up + o.steps):
        start, start_processor = time.perf_counter(), time.process_time()
        optimizer.zero_grad()
        computed(images).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 20.0)
        optimizer.step()
        if step >= warm_up:
            times.append(1000 * (time.perf_counter() - start))
            processor.append(1000 * (time.process_time() - start_processor))
    median = lambda numbers: sorted(numbers)[len(numbers) // 2]
    print(f"milliseconds a step: least {min(times):.1f}, median {median(times):.1f}, processor {median(processor):.1f}")


main()
