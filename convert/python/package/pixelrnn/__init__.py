"""Image models that fit a microcontroller, from Python: draw, complete, score, classify and code images.

What the program ``pixelrnn`` does, on NumPy arrays, with the same bytes and the same errors; computed on all cores,
without the interpreter's lock. Importing it needs NumPy alone; ``pixelrnn.torch``, ``pixelrnn.train`` and
``pixelrnn.dask`` need more (see the README).

Images are an array of ``uint8`` or ``uint16`` as in an npy file that the program reads: (rows, columns);
(images, rows, columns), or, if the last axis has at most 4 places, one image of (rows, columns, channels);
(images, rows, columns, channels). Or a list of such arrays, of any sizes.
"""

from ._engine import (
    Error,
    Model,
    Network,
    check_config,
    levels,
    quantize,
    quantize_scales,
    read,
    read_labelled,
    rounded,
)
from .results import Classification, Score

__all__ = [
    "Classification",
    "Error",
    "Model",
    "Network",
    "Score",
    "check_config",
    "levels",
    "quantize",
    "quantize_scales",
    "read",
    "read_labelled",
    "rounded",
]
