"""The float networks in PyTorch, from their safetensors: whole images at once, and one pixel at a time with caches.

Weights and forward pass are described in `convert/src/config.rs`. `Whole` is what public PixelCNN code runs for every
pixel. `Step` and `RowEnd` compute the same with everything cached that can be:

    step(last, above, left)       -> logits, new      one pixel
    row_end(news, aboves, rows)   -> aboves           once a row: what the row above gives to each pixel of the next

| array | shape | what |
| --- | --- | --- |
| last | [B, 3] | the three values to the left |
| above | [B, A] | sums over the row above: the first convolution's, and each block's; of a dilated one also rows that wait |
| left, new | [B, N] | what each block hands to its right neighbour and to the row below; a dilated one, what it hands on too |
| rows | [B, 3, W] | the three rows above |

The whole row's upper taps are one product over all blocks, so that a pixel only multiplies what is new.
"""

import json
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn


class Network:
    """A config, and float32 weights by name."""

    def __init__(self, blob):
        blob = pathlib.Path(blob)
        self.name = blob.stem
        self.blob = blob
        self.dilation = 1
        if not blob.with_suffix(".json").exists():
            raise SystemExit(f"{self.name}: there is no {self.name}.json beside it, as with every model of one scale")
        self.__dict__.update(json.loads(blob.with_suffix(".json").read_text()))
        self.weights = {name: w.float() for name, w in load_file(blob.with_suffix(".safetensors")).items()}
        others = ("components", "classes", "factor")
        if self.channels > 1 or any(getattr(self, what, 0) for what in others):
            raise SystemExit(f"{self.name}: only networks of a softmax, one channel, one scale and no classes are here")
        self.outputs = 1 if self.levels == 2 else self.levels

    def __getitem__(self, name):
        return self.weights[name]

    def distance(self, k):
        """How many rows and columns away the neighbours are that PixelCNN's block reads."""
        return 1 << k % self.dilation.bit_length()

    def matrix(self, name):
        """A 1x1 convolution's weights, transposed, and its bias."""
        return self[f"{name}.weight"].flatten(1).t().contiguous(), self[f"{name}.bias"]

    def stack(self, part):
        """A weight of every block."""
        return torch.stack([self[f"blocks.{k}.{part}"] for k in range(self.blocks)])


def lstm(gates, cell):
    """Gates in the order o, f, i, g along the last axis."""
    h = cell.shape[-1]
    o, f, i = torch.sigmoid(gates[..., : 3 * h]).split(h, -1)
    cell = f * cell + i * torch.tanh(gates[..., 3 * h :])
    return o * torch.tanh(cell), cell


class Whole(nn.Module):
    """Logits of every pixel from the whole image: [B, 1, H, W] -> [B, outputs, H, W]."""

    def __init__(self, net):
        super().__init__()
        self.net = net
        mask_a = torch.ones(7, 7)
        mask_a[3, 3:] = 0
        mask_a[4:] = 0
        mask_b = torch.ones(3, 3)
        mask_b[1, 2] = 0
        mask_b[2] = 0
        masks = {"first.weight": mask_a}
        for k in range(net.blocks):
            masks[f"blocks.{k}.conv.weight"] = mask_b
            masks[f"blocks.{k}.input_to_state.weight"] = torch.tensor([1.0, 1.0, 0.0])
        for name, weight in net.weights.items():
            masked = weight * masks[name] if name in masks else weight
            self.register_buffer(name.replace(".", "_"), masked)

    def weight(self, name):
        return getattr(self, name.replace(".", "_"))

    def conv(self, name, x, padding=0, dilation=1):
        weight = self.weight(f"{name}.weight")
        if weight.dim() == 2:
            weight = weight[:, :, None, None]
        return F.conv2d(x, weight, self.weight(f"{name}.bias"), padding=padding, dilation=dilation)

    def pixelcnn(self, k, s):
        x = F.relu(self.conv(f"blocks.{k}.reduce", F.relu(s)))
        return F.relu(self.conv(f"blocks.{k}.conv", x, self.net.distance(k), self.net.distance(k)))

    def row_lstm(self, k, s):
        name = f"blocks.{k}"
        weight = self.weight(f"{name}.input_to_state.weight")[:, :, None]
        gates = F.conv2d(s, weight, self.weight(f"{name}.input_to_state.bias"), padding=(0, 1))
        weight = self.weight(f"{name}.state_to_state.weight")
        batch, _, height, width = s.shape
        hidden = cell = s.new_zeros(batch, self.net.hidden, width)
        rows = []
        for row in range(height):
            sums = gates[:, :, row] + F.conv1d(hidden, weight, padding=weight.shape[-1] // 2)
            hidden, cell = (x.transpose(1, 2) for x in lstm(sums.transpose(1, 2), cell.transpose(1, 2)))
            rows.append(hidden)
        return torch.stack(rows, 2)

    def direction(self, name, s):
        """Left to right, over the skewed map: row i is moved i columns to the right, and columns are walked."""
        batch, _, height, width = s.shape
        h = self.net.hidden
        gates = F.conv2d(s, self.weight(f"{name}.input_to_state.weight")[:, :, None, None],
                         self.weight(f"{name}.input_to_state.bias"))
        skewed = F.pad(gates, (0, height)).flatten(2)[:, :, :-height].view(batch, 4 * h, height, -1)
        skewed = skewed.permute(3, 0, 2, 1).contiguous()
        weight = self.weight(f"{name}.state_to_state.weight").permute(2, 1, 0).flatten(0, 1)
        hidden = cell = s.new_zeros(batch, height, h)
        columns = []
        for column in range(width + height - 1):
            states = torch.cat([F.pad(hidden[:, :-1], (0, 0, 1, 0)), hidden], 2)
            hidden, cell = lstm(skewed[column] + states @ weight, cell)
            if column + 1 < height:
                # Rows that have not begun stay at zero.
                hidden, cell = (F.pad(x[:, : column + 1], (0, 0, 0, height - 1 - column)) for x in (hidden, cell))
            columns.append(hidden)
        skewed = torch.stack(columns, 3).permute(0, 2, 1, 3).flatten(2)
        return F.pad(skewed, (0, height)).view(batch, h, height, -1)[:, :, :, :width]

    def diagonal_bilstm(self, k, s):
        left = self.direction(f"blocks.{k}.left", s)
        right = self.direction(f"blocks.{k}.right", s.flip(3)).flip(3)
        return left + F.pad(right, (0, 0, 1, -1))

    def forward(self, x):
        s = self.conv("first", x, 3)
        skips = 0
        for k in range(self.net.blocks):
            b = getattr(self, self.net.architecture.replace("-", "_"))(k, s)
            s = s + self.conv(f"blocks.{k}.expand", b)
            if self.net.skip:
                skips = skips + self.conv(f"blocks.{k}.skip", b)
        s = F.relu(self.conv("head.hidden", F.relu(s + skips)))
        return self.conv("head.output", s)


class Step(nn.Module):
    """One pixel. See the module's page."""

    def __init__(self, net):
        super().__init__()
        self.net = net
        h, f = net.hidden, 2 * net.hidden
        constants = {"first": (net["first.weight"][:, 0, 3, :3].t(), net["first.bias"])}
        self.above_sizes, self.new_sizes = zip(*(block_sizes(net, k) for k in range(net.blocks)))
        for k in range(net.blocks):
            name = f"blocks.{k}"
            if net.architecture == "pixelcnn":
                constants[f"reduce{k}"] = net.matrix(f"{name}.reduce")
                conv = net[f"{name}.conv.weight"]
                constants[f"inner{k}"] = (torch.cat([conv[:, :, 1, 0], conv[:, :, 1, 1]], 1).t(), net[f"{name}.conv.bias"])
            elif net.architecture == "row-lstm":
                weight = net[f"{name}.input_to_state.weight"]
                constants[f"inner{k}"] = (torch.cat([weight[:, :, 0], weight[:, :, 1]], 1).t(),
                                          net[f"{name}.input_to_state.bias"])
            else:
                weight = torch.cat([net[f"{name}.left.input_to_state.weight"],
                                    net[f"{name}.left.state_to_state.weight"][:, :, 1]], 1)
                constants[f"inner{k}"] = (weight.t(), net[f"{name}.left.input_to_state.bias"])
            outer = [net.matrix(f"{name}.expand")] + ([net.matrix(f"{name}.skip")] if net.skip else [])
            constants[f"expand{k}"] = tuple(torch.cat(parts, -1) for parts in zip(*outer))
        constants["hidden"] = net.matrix("head.hidden")
        constants["output"] = net.matrix("head.output")
        for name, (weight, bias) in constants.items():
            self.register_buffer(f"{name}_weight", weight.contiguous())
            self.register_buffer(f"{name}_bias", bias.contiguous())

    def linear(self, name, x):
        return torch.addmm(getattr(self, f"{name}_bias"), x, getattr(self, f"{name}_weight"))

    def forward(self, last, above, left):
        net = self.net
        f = 2 * net.hidden
        first, *aboves = above.split([f] + [sum(sizes) for sizes in self.above_sizes], 1)
        aboves = [mine.split(sizes, 1) for mine, sizes in zip(aboves, self.above_sizes)]
        lefts = left.split([sum(sizes) for sizes in self.new_sizes], 1)
        lefts = [neighbour.split(sizes, 1) for neighbour, sizes in zip(lefts, self.new_sizes)]
        s = self.linear("first", last) + first
        skips, new = None, []
        for k in range(net.blocks):
            mine, neighbour = aboves[k], lefts[k]
            if net.architecture == "pixelcnn":
                x = F.relu(self.linear(f"reduce{k}", F.relu(s)))
                new += [x, *neighbour[:-1]]
                b = F.relu(self.linear(f"inner{k}", torch.cat([neighbour[-1], x], 1)) + mine[0])
            elif net.architecture == "row-lstm":
                b, cell = lstm(self.linear(f"inner{k}", torch.cat([neighbour[0], s], 1)) + mine[0], mine[1])
                new += [s, b, cell]
            else:
                gates = self.linear(f"inner{k}", torch.cat([s, neighbour[1]], 1)) + mine[0]
                b, cell = lstm(gates, neighbour[2])
                new += [s, b, cell]
                b = b + mine[1]
            outer = self.linear(f"expand{k}", b)
            if net.skip:
                skips = outer[:, f:] if skips is None else skips + outer[:, f:]
                outer = outer[:, :f]
            s = s + outer
        x = s if skips is None else s + skips
        logits = self.linear("output", F.relu(self.linear("hidden", F.relu(x))))
        return logits, torch.cat(new, 1)


class RowEnd(nn.Module):
    """What a complete row gives to the next. See the module's page."""

    def __init__(self, net):
        super().__init__()
        self.net = net
        self.register_buffer("first", net["first.weight"][:, :, :3])
        # [blocks, taps * inputs, outputs]
        if net.architecture == "pixelcnn":
            weight = net.stack("conv.weight")[:, :, :, 0]
        elif net.architecture == "row-lstm":
            weight = net.stack("state_to_state.weight")
        else:
            weight = net.stack("left.state_to_state.weight")[..., :1]
            self.register_buffer("input", net.stack("right.input_to_state.weight").transpose(1, 2).contiguous())
            self.register_buffer("bias", net.stack("right.input_to_state.bias")[:, None])
            states = net.stack("right.state_to_state.weight")
            self.register_buffer("states", states.permute(0, 3, 2, 1).flatten(1, 2).contiguous())
        self.taps = weight.shape[-1]
        self.register_buffer("weight", weight.permute(0, 3, 2, 1).flatten(1, 2).contiguous())
        if net.architecture == "pixelcnn":
            # Blocks that read equally far are one product.
            self.distances = [net.distance(k) for k in range(net.blocks)]
            groups = {d: [k for k in range(net.blocks) if self.distances[k] == d] for d in sorted(set(self.distances))}
            self.groups = [(d, blocks, self.weight[blocks]) for d, blocks in groups.items()]

    def forward(self, news, aboves, rows):
        net = self.net
        h = net.hidden
        width, batch, _ = news.shape
        first = F.conv2d(rows[:, None], self.first, padding=(0, 3))[:, :, 0].permute(2, 0, 1)
        if net.architecture == "pixelcnn":
            return torch.cat([first, *self.pixelcnn(news, aboves[:, :, 2 * h :])], 2)
        news = news.view(width, batch, net.blocks, -1).permute(2, 0, 1, 3)
        rest = news[..., 3 * h :]
        if net.architecture == "diagonal-bilstm":
            rest = self.right_to_left(news[..., : 2 * h], aboves[:, :, 2 * h :].view(width, batch, net.blocks, -1))
        sums = self.sums(news[..., 2 * h : 3 * h], self.weight)
        out = torch.cat([sums, rest], 3).permute(1, 2, 0, 3).reshape(width, batch, -1)
        return torch.cat([first, out], 2)

    def sums(self, hidden, weight, distance=1):
        """Every tap of a row, [blocks, W, B, h], times the weights."""
        blocks, width, batch, _ = hidden.shape
        reach = self.taps // 2 * distance
        padded = F.pad(hidden, (0, 0, 0, 0, reach, reach))
        taps = torch.cat([padded[:, tap * distance : tap * distance + width] for tap in range(self.taps)], 3)
        return torch.bmm(taps.flatten(1, 2), weight).view(blocks, width, batch, -1)

    def pixelcnn(self, news, aboves):
        """What each block gets: sums over a row so many above, and the rows after that one, which later rows read."""
        h, distances = self.net.hidden, self.distances
        news = news.split([distance * h for distance in distances], 2)
        aboves = aboves.split([distance * h for distance in distances], 2)
        # The newest row first.
        rows = [[new[..., :h], *above.split(h, 2)[1:]] for new, above in zip(news, aboves)]
        sums = [None] * len(rows)
        for distance, blocks, weight in self.groups:
            for k, sum_ in zip(blocks, self.sums(torch.stack([rows[k][-1] for k in blocks]), weight, distance)):
                sums[k] = sum_
        return [part for mine, waiting in zip(sums, rows) for part in [mine, *waiting[:-1]]]

    def right_to_left(self, inputs, aboves):
        """The other direction's hidden states of the whole row, all blocks side by side."""
        width, batch = inputs.shape[1:3]
        h = self.net.hidden
        gates = (torch.bmm(inputs.flatten(1, 2), self.input) + self.bias).view(-1, width, batch, 4 * h)
        above = aboves[..., 4 * h :].permute(2, 0, 1, 3)
        hidden = cell = inputs.new_zeros(self.net.blocks, batch, h)
        columns = []
        for column in reversed(range(width)):
            sums = gates[:, column] + torch.bmm(torch.cat([above[:, column], hidden], 2), self.states)
            hidden, cell = lstm(sums, cell)
            columns.append(hidden)
        return torch.stack(columns[::-1], 1)


def block_sizes(net, k):
    """The numbers of features of a block in `above` and in `new`, by parts."""
    h = net.hidden
    if net.architecture != "pixelcnn":
        return [4 * h, h], [2 * h, h, h]
    parts = [h] * net.distance(k)
    return parts, parts


def sizes(net):
    """The numbers of features of `above` and of `new`."""
    above, new = (sum(map(sum, parts)) for parts in zip(*(block_sizes(net, k) for k in range(net.blocks))))
    return 2 * net.hidden + above, new
