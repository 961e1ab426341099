"""Training on several processes and machines, started by torchrun: ``torchrun --nproc-per-node 4 -m pixelrnn.train --out runs/mine …``.

Every worker computes the gradients of a share of each step's images (DistributedDataParallel; NCCL on GPUs, Gloo on CPUs). What a step
sees is a matter of the seed and the step alone, whatever the number of workers, so a run may go on with another number. The run folder is
that of ``pixelrnn train``: ``pixelrnn export`` reads it. On one machine's processors ``pixelrnn train`` is faster.
"""

from .arguments import Settings
from .training import Training

__all__ = ["Settings", "Training"]
