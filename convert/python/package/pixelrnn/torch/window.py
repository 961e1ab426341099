"""What the first layer reads of a value."""

import torch

from .config import Config


def read(config: Config, values: torch.Tensor) -> torch.Tensor:
    """Up to 128 levels `value / (levels - 1)`; beyond, -1 to 1 around the middle, as 8 upper bits and up to 7 lower."""
    if config.levels <= 128:
        return values.float() / (config.levels - 1)
    below, upper = max(config.bits - 8, 0), read_upper(config, values)
    if config.levels <= 256:
        return upper
    kept = min(below, 7)
    lower = (values & ((1 << below) - 1)) >> (below - kept)
    return upper + lower / (128 * 2**kept)


def read_upper(config: Config, values: torch.Tensor) -> torch.Tensor:
    """The same without the lower bits: all that is read of a smaller image."""
    if config.levels <= 128:
        return values.float() / (config.levels - 1)
    return ((values >> max(config.bits - 8, 0)).clamp(min=1) - 128) / 128
