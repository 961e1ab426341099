"""Training on several processes and machines, started by torchrun: ``torchrun --nproc-per-node 4 -m pixelrnn.train …``.

Every worker computes the gradients of a share of each step's images (DistributedDataParallel; NCCL on GPUs, Gloo on
CPUs). What a step sees is a matter of the seed and the step alone: a run may go on with another number of workers. The
run folder is that of ``pixelrnn train``: ``pixelrnn export`` reads it.
"""

from .arguments import Settings
from .training import Training

__all__ = ["Settings", "Training"]
