"""The modules against the float twin, on every kind of network."""

import json

import networks
import numpy as np
import pixelrnn
import pytest
import torch
from pixelrnn.torch import Config, Network, images

KINDS = [
    *networks.KINDS,
    *(networks.config(architecture, 2) for architecture in ["pixelcnn", "diagonal-bilstm"]),
    *(networks.config(architecture, 129, channels=4) for architecture in ["pixelcnn", "row-lstm", "diagonal-bilstm"]),
    *(networks.config(architecture, 65_536, 3, 4, 3) for architecture in ["pixelcnn", "row-lstm", "diagonal-bilstm"]),
    networks.config("row-lstm", 100, channels=2) | {"kernel": 5},
    networks.config("pixelcnn", 17, components=1),
    networks.config("pixelcnn", 5, channels=2) | {"dilation": 2},
    networks.config("pixelcnn", 256, channels=3, components=5, factor=2),
    networks.config("row-lstm", 2, classes=2, factor=4),
    networks.config("diagonal-bilstm", 5, channels=2, classes=3, factor=2),
    networks.config("pixelcnn", 4096, components=2, factor=2),
]


def module(config: dict, seed: int = 1) -> Network:
    network = Network(Config(**config))
    weights = networks.tensors(config, seed)
    network.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in weights.items()})
    return network


def levels(config: dict, count: int = 3, height: int = 6, width: int = 5) -> np.ndarray:
    random, shape = np.random.default_rng(2), (count, height, width, config["channels"])
    smooth = np.cumsum(random.integers(-2, 3, shape), 2) + config["levels"] // 2
    mixed = np.where(random.random(shape) < 0.3, random.integers(0, config["levels"], shape), smooth)
    mixed.flat[:2] = [0, config["levels"] - 1]
    return mixed.clip(0, config["levels"] - 1).astype(np.uint8 if config["levels"] <= 256 else np.uint16)


@pytest.mark.parametrize("config", KINDS, ids=networks.name)
def test_values_have_the_nats_of_the_float_twin(config):
    network, values = module(config), levels(config)
    classes = list(range(3)) if config["classes"] == 3 else [1, 0, 1] if config["classes"] else None
    with torch.no_grad():
        nats = network(images(values), None if classes is None else torch.tensor(classes))
    twin = pixelrnn.Network(config, networks.tensors(config))
    for number, image in enumerate(values):
        expected = twin.value_nats(image, None if classes is None else classes[number], values="asis")
        found = nats[number].permute(1, 2, 0).numpy()
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("config", KINDS, ids=networks.name)
def test_gradients_are_those_of_small_steps(config):
    network, values = module(config).double(), images(levels(config, 2, 4, 3))
    classes = torch.tensor([1, 0]) if config["classes"] else None
    network.nats(values, classes).sum().backward()
    for name, parameter in network.named_parameters():
        torch.manual_seed(len(name))
        step = 1e-6 * torch.randn_like(parameter)
        with torch.no_grad():
            parameter += step
            more = network.nats(values, classes).sum()
            parameter -= 2 * step
            less = network.nats(values, classes).sum()
            parameter += step
        expected = (parameter.grad * step).sum().item()
        assert (more - less).item() / 2 == pytest.approx(expected, rel=2e-2, abs=2e-6), name


@pytest.mark.parametrize("config", KINDS, ids=networks.name)
def test_no_value_sees_itself_or_the_future(config):
    network, values = module(config), images(levels(config, 1))
    classes = torch.tensor([1]) if config["classes"] else None
    with torch.no_grad():
        before = network(values, classes)
        for place in [(0, 0, 0), (2, 3, config["channels"] - 1), (5, 4, 0), (3, 0, 0)]:
            row, column, channel = place
            changed = values.clone()
            changed[0, channel, row, column] = (changed[0, channel, row, column] + 1) % config["levels"]
            after = network(changed, classes)
            number = (row * 5 + column) * config["channels"] + channel
            same = before.permute(0, 2, 3, 1).flatten() == after.permute(0, 2, 3, 1).flatten()
            assert same[:number].all()


@pytest.mark.parametrize("config", KINDS, ids=networks.name)
def test_what_is_saved_is_exported_and_what_is_trained_is_loaded(config, tmp_path):
    network, values = Network(Config(**config)), levels(config)
    labels = [1, 0, 1] if config["classes"] else None
    network.save(tmp_path)
    again = Network.load(tmp_path)
    twin = pixelrnn.Network.load(tmp_path)
    with torch.no_grad():
        nats = again.nats(images(values), None if labels is None else torch.tensor(labels))
    assert nats.numpy() == pytest.approx(twin.nats(values, labels, values="asis"), rel=1e-4, abs=1e-4)
    blob = network.quantize(values, labels, values="asis")
    assert pixelrnn.Model.load(blob).info()["architecture"] == config["architecture"]


def test_networks_begin_where_the_trainers_do():
    values = levels(networks.config("pixelcnn", 256, components=5), 8, 16, 16)
    flat = np.full_like(values, 100)
    mixture = Network(Config("pixelcnn", levels=256, components=5, blocks=2))
    softmax = Network(Config("pixelcnn", levels=256, blocks=2))
    with torch.no_grad():
        # Flat images are predicted by their neighbours; a softmax begins near the same for every level.
        assert mixture(images(flat)).mean() < 3
        assert abs(softmax(images(values)).mean() - np.log(256)) < 1


def test_configs_and_files_that_are_none_say_why(tmp_path):
    with pytest.raises(pixelrnn.Error, match="hidden is a multiple of 4"):
        Network(Config(hidden=5))
    with pytest.raises(OSError, match="cannot read"):
        Network.load(tmp_path)
    Network(Config(blocks=1)).save(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(Config(blocks=2).to_dict()))
    with pytest.raises(pixelrnn.Error, match="is missing"):
        Network.load(tmp_path)


def test_a_shipped_models_twin_is_loaded(shipped):
    network = Network.load(shipped("mnist-micro.safetensors"))
    drawn = pixelrnn.Model.load(shipped("mnist-micro.prnn")).sample(4)
    with torch.no_grad():
        nats = network.nats(images(drawn)).numpy()
    assert nats == pytest.approx(pixelrnn.Network.load(shipped("mnist-micro.safetensors")).nats(drawn), rel=1e-4)
