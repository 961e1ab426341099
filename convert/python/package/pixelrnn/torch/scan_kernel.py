"""The recurrence on a GPU, in Triton: an image and direction is a program, which walks over all steps.

Starting computations is what takes a GPU its time: a step as it is defined starts some ten, a kernel of all steps one.
"""

import torch
import triton
import triton.language as tl

from .scan import shifted, taps


@triton.jit
def tanh(x):
    """Which Triton lacks."""
    return 2 * tl.sigmoid(2 * x) - 1


@triton.jit
def load(first, mask, H: tl.constexpr):
    """Numbers of gates o, f, i, g, which lie so far apart."""
    o, f = tl.load(first, mask, 0.0), tl.load(first + H, mask, 0.0)
    return o, f, tl.load(first + 2 * H, mask, 0.0), tl.load(first + 3 * H, mask, 0.0)


@triton.jit
def store(first, mask, o, f, i, g, H: tl.constexpr):
    """Writes them."""
    tl.store(first, o, mask)
    tl.store(first + H, f, mask)
    tl.store(first + 2 * H, i, mask)
    tl.store(first + 3 * H, g, mask)


@triton.jit
def forward(
    inputs, matrices, hidden, gates, cells, images, places,
    STEPS: tl.constexpr, H: tl.constexpr, TAPS: tl.constexpr, FIRST: tl.constexpr,
    PLACES: tl.constexpr, UNITS: tl.constexpr, READ: tl.constexpr,
):  # fmt: skip
    """Hidden states; gates behind their nonlinearities and cells, for the way back."""
    number, count = tl.program_id(0).to(tl.int64), tl.num_programs(0)
    place, unit, read = tl.arange(0, PLACES)[:, None], tl.arange(0, UNITS)[None, :], tl.arange(0, READ)
    is_own = (place < places) & (unit < H)
    seen = place + FIRST + (read // H)[None, :]
    is_seen = (seen >= 0) & (seen < places) & (read < TAPS * H)[None, :] & (place < places)
    from_seen = seen * H + (read % H)[None, :]
    weight = matrices + number // images * (TAPS * H * 4 * H) + read[:, None] * (4 * H) + unit
    is_weight = (read < TAPS * H)[:, None] & (unit < H)
    to_o, to_f, to_i, to_g = load(weight, is_weight, H)
    cell = tl.zeros((PLACES, UNITS), tl.float32)
    for step in range(STEPS):
        row = (step * count + number) * places
        around = tl.load(hidden + (row - count * places) * H + from_seen, is_seen & (step > 0), 0.0)
        gate, state = (row + place) * (4 * H) + unit, (row + place) * H + unit
        o, f, i, g = load(inputs + gate, is_own, H)
        o, f = tl.sigmoid(o + tl.dot(around, to_o)), tl.sigmoid(f + tl.dot(around, to_f))
        i, g = tl.sigmoid(i + tl.dot(around, to_i)), tanh(g + tl.dot(around, to_g))
        cell = f * cell + i * g
        tl.store(hidden + state, o * tanh(cell), is_own)
        tl.store(cells + state, cell, is_own)
        store(gates + gate, is_own, o, f, i, g, H)
        # The next step reads what other threads wrote.
        tl.debug_barrier()


@triton.jit
def backward(
    from_hidden, matrices, gates, cells, to_inputs, images, places,
    STEPS: tl.constexpr, H: tl.constexpr, TAPS: tl.constexpr, FIRST: tl.constexpr,
    PLACES: tl.constexpr, UNITS: tl.constexpr, READ: tl.constexpr,
):  # fmt: skip
    """Gradients of the gates' inputs from those of the hidden states."""
    number, count = tl.program_id(0).to(tl.int64), tl.num_programs(0)
    place, unit, read = tl.arange(0, PLACES)[:, None], tl.arange(0, UNITS)[None, :], tl.arange(0, READ)
    is_own = (place < places) & (unit < H)
    # Places of the later step whose states came from this one.
    seen = place - FIRST - (read // H)[None, :]
    is_seen = (seen >= 0) & (seen < places) & (read < TAPS * H)[None, :] & (place < places)
    from_seen = seen * (4 * H) + (read % H)[None, :]
    matrix = matrices + number // images * (TAPS * H * 4 * H)
    weight = matrix + ((read // H * H)[:, None] + unit) * (4 * H) + (read % H)[:, None]
    is_weight = (read < TAPS * H)[:, None] & (unit < H)
    from_o, from_f, from_i, from_g = load(weight, is_weight, H)
    to_cell = tl.zeros((PLACES, UNITS), tl.float32)
    for back in range(STEPS):
        step = STEPS - 1 - back
        row = (step * count + number) * places
        gate, state = (row + place) * (4 * H) + unit, (row + place) * H + unit
        later = to_inputs + (row + count * places) * (4 * H) + from_seen
        later_o, later_f, later_i, later_g = load(later, is_seen & (back > 0), H)
        to_hidden = tl.load(from_hidden + state, is_own, 0.0)
        to_hidden += tl.dot(later_o, from_o)
        to_hidden += tl.dot(later_f, from_f)
        to_hidden += tl.dot(later_i, from_i)
        to_hidden += tl.dot(later_g, from_g)
        o, f, i, g = load(gates + gate, is_own, H)
        before = tl.load(cells + state - count * places * H, is_own & (step > 0), 0.0)
        outward = tanh(tl.load(cells + state, is_own, 0.0))
        to_cell += to_hidden * o * (1 - outward * outward)
        to_o, to_f = to_hidden * outward * o * (1 - o), to_cell * before * f * (1 - f)
        to_i, to_g = to_cell * g * i * (1 - i), to_cell * i * (1 - g * g)
        store(to_inputs + gate, is_own, to_o, to_f, to_i, to_g, H)
        to_cell *= f
        tl.debug_barrier()


class Scan(torch.autograd.Function):
    """`scan.plain` by these kernels; everything lies contiguous, as 32-bit floats."""

    @staticmethod
    def forward(ctx, inputs: torch.Tensor, matrices: torch.Tensor, first: int) -> torch.Tensor:
        """Hidden states."""
        ctx.first, gates = first, torch.empty_like(inputs)
        hidden, cells = (inputs.new_empty(*inputs.shape[:-1], inputs.shape[-1] // 4) for _ in range(2))
        forward[programs(inputs)](
            inputs, matrices, hidden, gates, cells, inputs.shape[2], inputs.shape[3], **sizes(inputs, matrices, first)
        )
        ctx.save_for_backward(matrices, hidden, gates, cells)
        return hidden

    @staticmethod
    def backward(ctx, from_hidden: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None]:
        """Gradients of inputs and matrices."""
        matrices, hidden, gates, cells = ctx.saved_tensors
        to_inputs, known = torch.empty_like(gates), sizes(gates, matrices, ctx.first)
        backward[programs(gates)](
            from_hidden.contiguous(), matrices, gates, cells, to_inputs, gates.shape[2], gates.shape[3], **known
        )
        # A product of all steps and places at once.
        around = [
            torch.einsum("sdiph,sdipg->dhg", shifted(hidden[:-1], ctx.first + tap), to_inputs[1:])
            for tap in range(taps(matrices))
        ]
        return to_inputs, torch.cat(around, 1), None


def programs(inputs: torch.Tensor) -> tuple[int]:
    """One for each image in each direction."""
    return (inputs.shape[1] * inputs.shape[2],)


def sizes(inputs: torch.Tensor, matrices: torch.Tensor, first: int) -> dict[str, int]:
    """What kernels are compiled for: a product has powers of two, 16 at least."""
    steps, hidden, count = inputs.shape[0], inputs.shape[-1] // 4, taps(matrices)
    places, units, read = (max(16, triton.next_power_of_2(size)) for size in (inputs.shape[3], hidden, count * hidden))
    padded = {"PLACES": places, "UNITS": units, "READ": read}
    # Of one stage: no step reads ahead what the one before has yet to write.
    return {"STEPS": steps, "H": hidden, "TAPS": count, "FIRST": first, "num_stages": 1} | padded
