"""The weights that a training begins with."""

import dataclasses

import torch

from .. import Error
from ..torch import Config, Network
from .arguments import Settings


def begin(settings: Settings, channels: int, classes: int) -> Network:
    """A network drawn from the seed, or that of `--init`, of whose shape it is; with `--grow` but for the blocks."""
    torch.manual_seed(settings.seed)
    told = settings.config(channels, classes)
    if settings.init is None:
        return Network(told)
    network = Network.load(settings.init)
    for name in ["levels", "channels", "components", "classes", "factor"]:
        has, wanted = getattr(network.config, name), getattr(told, name)
        if has != wanted:
            raise Error(f"{settings.init} has {name} {has}, not {wanted}")
    return grown(network, told.blocks) if settings.grow else network


def grown(network: Network, blocks: int) -> Network:
    """With more blocks, of which the new ones change nothing at first (Net2Net, Chen, Goodfellow and Shlens 2016)."""
    config: Config = network.config
    if blocks < config.blocks:
        raise Error(f"--grow to {blocks} blocks: the network to begin from has {config.blocks}")
    larger = Network(dataclasses.replace(config, blocks=blocks))
    larger.load_state_dict(network.state_dict(), strict=False)
    for block in larger.blocks[config.blocks :]:
        for way_out in [block.expand] + ([block.skip] if block.has_skip else []):
            torch.nn.init.zeros_(way_out.weight)
    return larger
