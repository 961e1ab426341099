"""The processes that train together: those of torchrun, or this one alone."""

import os
from datetime import timedelta
from types import TracebackType
from typing import Optional

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel


class Workers:
    """Which worker this is, of how many; a context, at whose end they part."""

    def __init__(self, device: str):
        self.number = int(os.environ.get("RANK", 0))
        self.count = int(os.environ.get("WORLD_SIZE", 1))
        self.device = torch.device(device, int(os.environ.get("LOCAL_RANK", 0)) if device == "cuda" else None)
        self.is_several = "RANK" in os.environ

    @property
    def is_first(self) -> bool:
        """Whether this one writes and prints."""
        return self.number == 0

    @property
    def note(self) -> Optional[str]:
        """What should be known of these workers before the first of them is lost."""
        can_restart = os.environ.get("TORCHELASTIC_MAX_RESTARTS", "0") != "0"
        if can_restart and os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True":
            # https://github.com/pytorch/pytorch/issues/135712
            setting = "TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1"
            return f"note: set {setting} for torchrun, else restarted workers look for those that are gone"
        return None

    def __enter__(self) -> "Workers":
        if self.device.type == "cuda":
            torch.cuda.set_device(self.device)
        if self.is_several:
            backend = "nccl" if self.device.type == "cuda" else "gloo"
            distributed.init_process_group(backend, timeout=timedelta(minutes=10))
        return self

    def __exit__(self, kind: Optional[type], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        if self.is_several and kind is None:
            distributed.destroy_process_group()

    def together(self, network: nn.Module) -> nn.Module:
        """The network with gradients that are the mean over all workers."""
        return DistributedDataParallel(network, broadcast_buffers=False) if self.is_several else network

    def sum(self, *numbers: float) -> list[float]:
        """Sums over all workers."""
        total = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        if self.is_several:
            distributed.all_reduce(total)
        return total.tolist()

    def first(self, number: float) -> float:
        """The first worker's number, in all."""
        if not self.is_several:
            return number
        told = torch.tensor(number, dtype=torch.float64, device=self.device)
        distributed.broadcast(told, 0)
        return told.item()

    def share(self, count: int) -> range:
        """Which of so many images are this worker's."""
        return range(self.number, count, self.count)
