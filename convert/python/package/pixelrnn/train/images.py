"""The images of a training, and which of them a step sees."""

import dataclasses
import zlib
from typing import Optional

import numpy as np
import torch

from .. import Error, levels, read, read_labelled
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

    def shrunk(self, times: int) -> "Images":
        """Every so manieth pixel of every so manieth row."""
        return Images([image[::times, ::times] for image in self.images], self.classes)

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


class Store:
    """All values of some images on a device, and pieces cut out of them there."""

    def __init__(self, images: Images, size: tuple[int, int], settings: Settings, device: torch.device):
        self.width, self.height, self.apart, self.seed = *size, settings.shrink, settings.seed
        pixels = [image.reshape(-1, image.shape[2]) for image in images.images]
        flat = torch.from_numpy(np.concatenate(pixels).astype(np.int32 if pixels[0].itemsize > 1 else np.uint8))
        self.values = flat.to(device)
        ends = np.cumsum([len(each) for each in pixels])
        self.starts = torch.tensor([0, *ends[:-1].tolist()], device=device)
        self.widths = torch.tensor([image.shape[1] for image in images.images], device=device)
        self.classes = None if images.classes is None else torch.tensor(images.classes, device=device)
        self.shares = self.values.float() / np.iinfo(pixels[0].dtype).max if settings.values == "sample" else None

    def draw(self, epoch: int) -> None:
        """Draws two levels anew: 1 with a value's probability. Without `--values sample` nothing happens."""
        if self.shares is not None:
            random = torch.Generator(self.values.device).manual_seed(self.seed * 1_000_003 + epoch)
            drawn = torch.rand(self.shares.shape, generator=random, device=self.values.device) < self.shares
            self.values.copy_(drawn)

    def cut(self, pieces: torch.Tensor) -> tuple[torch.Tensor, Optional[torch.Tensor]]:
        """Pieces as a network takes them, and their classes. A piece: image, top, left, whether it is mirrored."""
        number, top, left, is_mirrored = pieces.unbind(1)
        rows = torch.arange(self.height, device=pieces.device) * self.apart
        columns = torch.arange(self.width, device=pieces.device) * self.apart
        columns = torch.where(is_mirrored[:, None] > 0, columns.flip(0), columns) + left[:, None]
        rows = (top[:, None] + rows) * self.widths[number][:, None] + self.starts[number][:, None]
        values = self.values[rows[:, :, None] + columns[:, None]].long().permute(0, 3, 1, 2)
        return values, None if self.classes is None else self.classes[number]


class Order:
    """What a step sees: a matter of the seed and the step alone."""

    def __init__(self, images: Images, size: tuple[int, int], settings: Settings, device: torch.device):
        self.store, self.settings, self.device = Store(images, size, settings, device), settings, device
        heights, widths = (np.array([image.shape[axis] for image in images.images]) for axis in (0, 1))
        area = size[0] * size[1] * settings.shrink**2
        # In an epoch an image is seen as often as its area holds pieces, at least once.
        self.numbers = np.repeat(np.arange(len(heights)), np.maximum(np.round(heights * widths / area), 1).astype(int))
        self.tops = heights - (size[1] - 1) * settings.shrink
        self.lefts = widths - (size[0] - 1) * settings.shrink
        self.epoch, self.planned = -1, torch.empty(0)

    def plan(self, epoch: int) -> torch.Tensor:
        """The pieces of an epoch, in their order: (pieces, 4), see `Store.cut`."""
        if self.epoch != epoch:
            random = np.random.default_rng([self.settings.seed, epoch])
            number = random.permutation(self.numbers)
            top, left = (random.integers(places[number]) for places in (self.tops, self.lefts))
            is_mirrored = random.integers(2, size=len(number)) * self.settings.flip
            plan = torch.from_numpy(np.stack([number, top, left, is_mirrored], 1))
            self.epoch, self.planned = epoch, plan.to(self.device)
            self.store.draw(epoch)
        return self.planned

    def step(self, step: int) -> torch.Tensor:
        """The pieces that all workers see in a step."""
        pieces, first, left = [], step * self.settings.batch, self.settings.batch
        while left:
            epoch, start = divmod(first, len(self.numbers))
            pieces.append(self.plan(epoch)[start : start + left])
            first, left = first + len(pieces[-1]), left - len(pieces[-1])
        return torch.cat(pieces)


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
    # Training images begin anywhere, so that nothing of them is lost.
    shrunk, validation = training.shrunk(settings.shrink), validation.shrunk(settings.shrink)
    height, width, channels = shrunk.images[0].shape
    size = settings.crop or (width, height)
    for images in (shrunk, validation):
        images.check(size, channels)
        if images.class_count > training.class_count:
            raise Error(f"the validation images have class {images.class_count - 1}, which no training image has")
        if settings.crop is None and any(image.shape[:2] != (height, width) for image in images.images):
            raise Error("the images differ in size: --crop trains on pieces of one size")
    if settings.values != "sample":
        training = training.levels(settings, settings.values)
    validation = (
        validation.levels(settings, settings.valid_values or settings.values).pieces(size).spread(settings.valid_limit)
    )
    return training, validation, size
