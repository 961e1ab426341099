"""A whole network: the first layer, blocks, a head."""

import json
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np
import torch
from torch import nn

from .. import Network as Twin
from .. import check_config, files, quantize
from . import window
from .condition import Given
from .config import Config
from .diagonal import Diagonal
from .first import First
from .masked import Masked
from .mixture import Mixture
from .pixelcnn import PixelCnn
from .row_lstm import RowLstm
from .softmax import Softmax
from .upsample import Upsample, known

BLOCKS = {"pixelcnn": PixelCnn, "row-lstm": RowLstm, "diagonal-bilstm": Diagonal}


class Network(nn.Module):
    """A float network over whole images. Its state dict is a `model.safetensors`, its config a `config.json`."""

    def __init__(self, config: Config):
        super().__init__()
        check_config(config.to_dict())
        self.config = config
        self.upsample = Upsample(config) if config.factor else None
        self.first = First(config)
        self.blocks = nn.ModuleList(BLOCKS[config.architecture](config, block) for block in range(config.blocks))
        self.head = Mixture(config) if config.components else Softmax(config)

    def features(self, values: torch.Tensor, classes: Optional[torch.Tensor] = None) -> torch.Tensor:
        """What the head reads, (images, 2h, rows, columns): at a pixel it depends on the pixels before alone."""
        given = Given(classes, self.upsample(values) if self.upsample else None)
        stream = self.first(window.read(self.config, values), given)
        # Sums keep their digits where products are of fewer.
        stream = stream.to(torch.promote_types(stream.dtype, torch.float32))
        skip = torch.zeros_like(stream)
        for block in self.blocks:
            stream, skip = block(stream, skip, given)
        return stream + skip

    def forward(self, values: torch.Tensor, classes: Optional[torch.Tensor] = None) -> torch.Tensor:
        """Negative log-likelihood of each value, in nats; of those that a smaller image holds 0.

        `values` are levels, integers of (images, channels, rows, columns), the shape of what comes back; `classes` an
        integer an image. A network that is given a smaller image takes it from the image itself.
        """
        features = self.features(values, classes)
        with torch.autocast(features.device.type, enabled=False):
            nats = self.head.nats(features, values)
        return nats.masked_fill(known(self.config, values), 0) if self.upsample else nats

    def nats(self, values: torch.Tensor, classes: Optional[torch.Tensor] = None) -> torch.Tensor:
        """The same of each image: (images,)."""
        return self(values, classes).flatten(1).sum(1)

    def begin_rounding(self) -> None:
        """From here on the blocks' weights are seen in steps of 4 bits: see `rounding`."""
        for product in self.blocks.modules():
            if isinstance(product, Masked):
                product.begin_rounding()

    def seen(self) -> dict[str, torch.Tensor]:
        """The weights by their documented names, those of 4 bits rounded."""
        modules = {name: module for name, module in self.named_modules() if isinstance(module, Masked)}
        of_steps = {f"{name}.weight": module.seen() for name, module in modules.items() if module.step is not None}
        return {name: tensor.detach().cpu() for name, tensor in (self.state_dict() | of_steps).items()}

    def tensors(self) -> dict[str, np.ndarray]:
        """The same as NumPy arrays."""
        return {name: tensor.float().numpy() for name, tensor in self.seen().items()}

    def quantize(self, images: Any, labels: Any = None, **options: Any) -> bytes:
        """A model of integers, the bytes of a `.prnn` file, calibrated on images: see `pixelrnn.quantize`."""
        return quantize(self.config.to_dict(), self.tensors(), images, labels, **options)

    def save(self, folder: Union[str, Path]) -> None:
        """Writes `config.json` and `model.safetensors` into a folder, which `pixelrnn export` reads."""
        from safetensors.torch import save

        weights = {name: tensor.contiguous() for name, tensor in self.seen().items()}
        config = json.dumps(self.config.to_dict(), indent=2) + "\n"
        files.write(Path(folder) / "config.json", config.encode())
        files.write(Path(folder) / "model.safetensors", save(weights))

    @staticmethod
    def load(path: Union[str, Path]) -> "Network":
        """From a run folder, or from a `.safetensors` file with its config beside it."""
        from safetensors.torch import load_file

        # Says what is wrong with the files.
        Twin.load(path)
        weights = Path(path) / "model.safetensors" if Path(path).is_dir() else Path(path)
        beside = weights.with_suffix(".json")
        network = Network(Config.load(beside if beside.exists() else weights.with_name("config.json")))
        network.load_state_dict(load_file(weights))
        return network


def images(arrays: Any) -> torch.Tensor:
    """NumPy images of one size, (images, rows, columns, channels) or a list of them, as a network takes them."""
    return torch.from_numpy(np.stack(list(arrays)).astype(np.int64)).permute(0, 3, 1, 2)
