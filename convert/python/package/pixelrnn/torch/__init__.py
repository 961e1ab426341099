"""The networks as PyTorch modules, over whole images, with autograd: to be read beside the paper.

The paper is van den Oord, Kalchbrenner and Kavukcuoglu, "Pixel Recurrent Neural Networks", 2016 (arXiv 1601.06759). A
layer is a file here, of the same name as in the engine (core/src/layers) and in the trainer (convert/src/train). The
state dict has the names and shapes of the files that ``pixelrnn train`` writes and ``pixelrnn export`` reads::

    network = Network(Config("row-lstm", levels=2))
    loss = network.nats(values).mean()                  # values: (images, channels, rows, columns)
    loss.backward()
    blob = network.quantize(images)                     # what a device runs
    network.save("runs/mine")                           # what `pixelrnn export runs/mine` reads
"""

from .condition import Given, Projection
from .config import Config
from .diagonal import Diagonal
from .first import First
from .lstm import Lstm
from .masked import Masked, Pointwise
from .mixture import Mixture
from .network import Network, images
from .pixelcnn import PixelCnn
from .readout import Readout
from .residual import Residual
from .row_lstm import RowLstm
from .softmax import Softmax
from .upsample import Upsample

__all__ = [
    "Config",
    "Diagonal",
    "First",
    "Given",
    "Lstm",
    "Masked",
    "Mixture",
    "Network",
    "PixelCnn",
    "Pointwise",
    "Projection",
    "Readout",
    "Residual",
    "RowLstm",
    "Softmax",
    "Upsample",
    "images",
]
