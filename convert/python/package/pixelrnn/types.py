"""Types of the module's arguments."""

from collections.abc import Sequence
from typing import Any, Literal, Union

import numpy as np
from numpy.typing import NDArray

Values = Union[NDArray[np.uint8], NDArray[np.uint16]]
"""Values of images, 8 or 16 bits each."""
Images = Union[Values, Sequence[Values]]
"""An array of images, or a list of arrays, of any sizes: see the module's page."""
Labels = Union[Sequence[int], NDArray[np.integer[Any]]]
"""A class an image."""
Exact = Literal["exact", "auto", "even"]
"""How values become levels: as they are (levels, or their grey tones); as they are if all are; or spread evenly."""
Spread = Literal["auto", "asis", "even", "threshold", "sample"]
"""The same where likelihoods are measured: see the table of `--values` in convert/README.md."""
