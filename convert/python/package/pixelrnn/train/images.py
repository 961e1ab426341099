"""The images of a training, and which of them a step sees."""

import dataclasses
import zlib
from typing import Optional

import numpy as np
import torch

from .. import Error, levels, read, read_labelled
from ..torch import images as tensor
from .arguments import Settings


@dataclasses.dataclass
class Images:
    """Images of (rows, columns, channels) each, and their classes or none."""

    images: list[np.ndarray]
    classes: Optional[list[int]]

    @staticmethod
    def read(settings: Settings, path: str, labels: Optional[str]) -> "Images":
        """Reads a file or folder; a folder's class is that of the same name's among the training images."""
        options = dict(grey=settings.grey, grid=settings.grid)
        if labels is None:
            return Images(read(path, **options), None)
        return Images(*read_labelled(path, labels, like=settings.data, **options))

    @property
    def class_count(self) -> int:
        """One more than the highest class."""
        return max(self.classes) + 1 if self.classes else 0

    def part(self, start: int, end: Optional[int]) -> "Images":
        """Some of the images."""
        return Images(self.images[start:end], self.classes and self.classes[start:end])

    def spread(self, count: int) -> "Images":
        """At most so many, evenly over all."""
        places = (
            [place * len(self.images) // count for place in range(count)]
            if count < len(self.images)
            else range(len(self.images))
        )
        return Images(
            [self.images[place] for place in places], self.classes and [self.classes[place] for place in places]
        )

    def levels(self, settings: Settings, values: str) -> "Images":
        """The images as a network's levels."""
        return Images(levels(self.images, settings.shape["levels"], values=values), self.classes)

    def pieces(self, size: tuple[int, int]) -> "Images":
        """The pieces of a grid over each image, without overlap."""
        width, height = size
        pieces, classes = [], []
        for number, image in enumerate(self.images):
            corners = [
                (top, left)
                for top in range(0, image.shape[0] - height + 1, height)
                for left in range(0, image.shape[1] - width + 1, width)
            ]
            pieces += [image[top : top + height, left : left + width] for top, left in corners]
            classes += [self.classes[number]] * len(corners) if self.classes else []
        return Images(pieces, classes or None)

    def check(self, size: tuple[int, int], channels: int) -> None:
        """Whether all are as large as what is trained on."""
        for number, image in enumerate(self.images):
            height, width = image.shape[:2]
            if image.shape[2] != channels:
                raise Error(f"image {number} has {image.shape[2]} channels, the first {channels}")
            if width < size[0] or height < size[1]:
                raise Error(
                    f"image {number} is {width}x{height} pixels, smaller than the pieces of {size[0]}x{size[1]}"
                )

    def checksum(self) -> int:
        """A CRC-32 of sizes, values and classes."""
        crc = zlib.crc32(repr(self.classes).encode())
        for image in self.images:
            crc = zlib.crc32(image.tobytes(), zlib.crc32(repr(image.shape).encode(), crc))
        return crc


class Order:
    """What a step sees: a matter of the seed and the step alone."""

    def __init__(self, images: Images, size: tuple[int, int], settings: Settings):
        self.images, self.size, self.settings = images, size, settings
        area = size[0] * size[1]
        # In an epoch an image is seen as often as its area holds pieces, at least once.
        seen = [max(1, round(image.shape[0] * image.shape[1] / area)) for image in images.images]
        self.places = np.repeat(np.arange(len(seen)), seen)
        self.redraw = settings.values == "sample"
        self.epoch = -1

    def piece(self, place: int) -> tuple[np.ndarray, Optional[int]]:
        """The piece number `place` of the whole training, and its class."""
        epoch, index = divmod(place, len(self.places))
        number = self.shuffled(epoch)[index]
        image, random = self.images.images[number], np.random.default_rng([self.settings.seed, 1, place])
        top = random.integers(image.shape[0] - self.size[1] + 1)
        left = random.integers(image.shape[1] - self.size[0] + 1)
        piece = image[top : top + self.size[1], left : left + self.size[0]]
        if self.settings.flip and random.integers(2):
            piece = piece[:, ::-1]
        if self.redraw:
            piece = random.random(piece.shape) * np.iinfo(piece.dtype).max < piece
        return piece, self.images.classes and self.images.classes[number]

    def shuffled(self, epoch: int) -> np.ndarray:
        """An epoch's order."""
        if self.epoch != epoch:
            self.epoch, self.order = (
                epoch,
                np.random.default_rng([self.settings.seed, 0, epoch]).permutation(self.places),
            )
        return self.order

    def step(self, step: int, share: range) -> tuple[torch.Tensor, Optional[torch.Tensor]]:
        """A worker's share of a step's images, and their classes."""
        pieces = [self.piece(step * self.settings.batch + place) for place in share]
        return batch([piece for piece, _ in pieces], [class_ for _, class_ in pieces])


def batch(images: list[np.ndarray], classes: Optional[list]) -> tuple[torch.Tensor, Optional[torch.Tensor]]:
    """Images of one size and their classes as a network takes them."""
    known = classes and classes[0] is not None
    return tensor(images), torch.tensor(classes) if known else None


def sets(settings: Settings) -> tuple[Images, Images, tuple[int, int]]:
    """Training images, validation images as levels, and the size of what is trained on."""
    training = Images.read(settings, settings.data, settings.labels)
    if settings.valid:
        validation = Images.read(settings, settings.valid, settings.valid_labels or settings.labels)
    else:
        held_out = max(1, len(training.images) // 10)
        training, validation = training.part(0, -held_out), training.part(-held_out, None)
    if not training.images:
        raise Error(f"{settings.data} has too few images to hold out a tenth of them: give more, or --valid")
    height, width, channels = training.images[0].shape
    size = settings.crop or (width, height)
    for images in (training, validation):
        images.check(size, channels)
        if images.class_count > training.class_count:
            raise Error(f"the validation images have class {images.class_count - 1}, which no training image has")
        if settings.crop is None and any(image.shape[:2] != (height, width) for image in images.images):
            raise Error("the images differ in size: --crop trains on pieces of one size")
    if settings.values != "sample":
        training = training.levels(settings, settings.values)
    validation = validation.levels(settings, settings.values).pieces(size).spread(settings.valid_limit)
    return training, validation, size
