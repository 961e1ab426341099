"""What a network is: the fields of `config.json`."""

import dataclasses
import json
from pathlib import Path
from typing import Union


@dataclasses.dataclass(frozen=True)
class Config:
    """The shape of a network."""

    architecture: str = "pixelcnn"
    """`pixelcnn`, `row-lstm` or `diagonal-bilstm`."""
    levels: int = 2
    """Values a channel of a pixel can take."""
    channels: int = 1
    """Channels of an image, 1 to 4."""
    hidden: int = 16
    """Features h inside a block, a multiple of 4 (of 4 a channel with channel groups), between blocks 2h."""
    blocks: int = 7
    """Blocks."""
    head: int = 32
    """Feature maps m of the head, a multiple of 4 (of 4 a channel with channel groups)."""
    kernel: int = 3
    """Row LSTM: columns of the row above that a state reads, odd."""
    skip: bool = False
    """Whether every block has a skip connection to the head."""
    components: int = 0
    """Components of a mixture of logistics; 0 for a softmax (of 2 levels a sigmoid) a channel."""
    classes: int = 0
    """Classes, of which an image has one; 0 for a network that is told none."""
    factor: int = 0
    """How many times wider and higher an image is than the smaller one that it is given, 2 or 4; 0 for none."""
    upsampled: int = 0
    """Features u that are upsampled of the smaller image, a multiple of 4; 0 without."""
    dilation: int = 1
    """PixelCNN: blocks read neighbours 1, 2, 4, … rows and columns away in turn, up to this power of two."""

    @property
    def groups(self) -> int:
        """Channel groups, in which all features are split: as many as channels with a softmax, one with a mixture."""
        return self.channels if self.components == 0 else 1

    @property
    def bits(self) -> int:
        """Bits of the highest value."""
        return (self.levels - 1).bit_length()

    def distance(self, block: int) -> int:
        """Rows and columns from a pixel to the neighbours that a block reads."""
        return 1 << block % self.dilation.bit_length()

    def rows(self, channel: int) -> int:
        """Outputs of the head for a channel."""
        if self.components:
            return self.components * (3 + channel)
        return 1 if self.levels == 2 else self.levels

    def to_dict(self) -> dict:
        """As `config.json` has it."""
        return dataclasses.asdict(self)

    @staticmethod
    def load(path: Union[str, Path]) -> "Config":
        """From a `config.json`."""
        return Config(**json.loads(Path(path).read_text()))
