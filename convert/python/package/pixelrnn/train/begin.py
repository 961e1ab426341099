"""The weights that a training begins with."""

import dataclasses

import torch

from .. import Error, rounded
from ..torch import Config, Network
from .arguments import Settings
from .images import Images

CALIBRATION = 512
"""Training images by which weights of 4 bits are first rounded."""


def begin(settings: Settings, channels: int, classes: int) -> Network:
    """A network drawn from the seed, or that of `--init`, but as dilated as told, and if it grows of as many blocks."""
    torch.manual_seed(settings.seed)
    told = settings.config(channels, classes)
    if settings.init is None:
        return Network(told)
    network = Network.load(settings.init)
    for name in ["levels", "channels", "components", "classes", "factor"]:
        has, wanted = getattr(network.config, name), getattr(told, name)
        if has != wanted:
            raise Error(f"{settings.init} has {name} {has}, not {wanted}")
    network = reaching(network, told.dilation)
    return grown(network, told.blocks) if settings.grow else network


def rounding(network: Network, settings: Settings, training: Images) -> Network:
    """The network with blocks of 4 bits, rounded as the exporter does; with `--weights 8` as it is."""
    if settings.weights == 8:
        return network
    images = training.shrunk(settings.shrink).spread(CALIBRATION)
    values = "sample" if settings.values == "sample" else "asis"
    options = dict(weights=settings.weights, limit=CALIBRATION, values=values)
    blocks = rounded(network.config.to_dict(), network.tensors(), images.images, images.classes, **options)
    network.load_state_dict({name: torch.from_numpy(array) for name, array in blocks.items()}, strict=False)
    network.begin_rounding()
    return network


def reaching(network: Network, dilation: int) -> Network:
    """With the same weights in blocks that read pixels as far away, if those do not yet."""
    if dilation <= network.config.dilation:
        return network
    further = Network(dataclasses.replace(network.config, dilation=dilation))
    further.load_state_dict(network.state_dict())
    return further


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
