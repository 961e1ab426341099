"""What is found of images: arrays of a place an image."""

from typing import NamedTuple, Optional

import numpy as np
from numpy.typing import NDArray


class Score(NamedTuple):
    """How likely images are."""

    nats: NDArray[np.float64]
    """Code lengths, in nats."""
    bits_per_dimension: NDArray[np.float64]
    """The same in bits a value."""
    background_nats: Optional[NDArray[np.float64]]
    """Code lengths under the background, if there is one."""
    ratio_nats: Optional[NDArray[np.float64]]
    """`nats - background_nats`: positive where the background explains an image better."""


class Classification(NamedTuple):
    """Of which class images are."""

    classes: NDArray[np.uint16]
    """The likeliest class."""
    margin_nats: NDArray[np.float64]
    """By how many nats it leads."""
    nats: NDArray[np.float64]
    """Nats of the image, every class as likely as the others."""
    nats_given: NDArray[np.float64]
    """Nats of the image given each class: (images, classes)."""
