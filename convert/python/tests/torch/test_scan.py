"""The GPU's recurrence beside the one that is as it is defined; Triton's interpreter runs it without a GPU."""

import os
import subprocess
import sys

COMPARE = """
import torch
from pixelrnn.torch.scan import plain
from pixelrnn.torch.scan_kernel import Scan

steps, directions, images, places, hidden, taps, first = SIZES
torch.manual_seed(0)
inputs = torch.randn(steps, directions, images, places, 4 * hidden, requires_grad=True)
matrices = (torch.randn(directions, taps * hidden, 4 * hidden) / 3).requires_grad_()
weight = torch.randn(steps, directions, images, places, hidden)
both = []
for scan in (plain, Scan.apply):
    states = scan(inputs, matrices, first)
    both.append((states, *torch.autograd.grad((states * weight).sum(), (inputs, matrices))))
for name, one, other in zip(["states", "to inputs", "to matrices"], *both):
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5, msg=lambda text: f"{name}: {text}")
"""


def compare(*sizes):
    environment = os.environ | {"TRITON_INTERPRET": "1", "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", COMPARE.replace("SIZES", str(sizes))], env=environment, check=True)


def test_a_row_lstms():
    compare(5, 1, 2, 7, 4, 3, -1)


def test_one_of_a_wider_kernel_and_more_places_than_sixteen():
    compare(3, 1, 2, 19, 8, 5, -2)


def test_a_diagonal_bilstms():
    compare(4, 2, 3, 9, 16, 2, -1)
