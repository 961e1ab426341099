"""quantize_scales, and networks of a larger scale alone."""

import json

import networks
import numpy as np
import pixelrnn
import pytest

BASES = [
    dict(architecture="row-lstm", levels=2),
    dict(architecture="pixelcnn", levels=256, channels=3, components=2),
    dict(architecture="diagonal-bilstm", levels=5, classes=3),
]


def scales(base: dict, factors=(0, 2, 4)) -> list:
    """Networks of random weights, the smallest scale's first."""
    configs = [networks.config(**base, factor=factor) for factor in factors]
    return [(config, networks.tensors(config, seed)) for seed, config in enumerate(configs)]


def random_images(config: dict, count: int = 4) -> np.ndarray:
    shape = (count, 16, 16, config["channels"])
    return np.random.default_rng(2).integers(0, config["levels"], shape).astype(np.uint8)


def export(scales: list, images: np.ndarray, place, *options) -> list:
    """The command's arguments; writes what it reads."""
    for number, (config, tensors) in enumerate(scales):
        place.path(f"{number}.json").write_text(json.dumps(config))
        place.path(f"{number}.safetensors").write_bytes(networks.safetensors(tensors))
    files = [f"{number}.safetensors" for number in range(len(scales))]
    return ["export", *files, "--data", place.save("images.npy", images), "-o", "out.prnn", *options]


@pytest.mark.parametrize("base", BASES, ids=lambda base: base["architecture"])
def test_models_are_what_export_writes(base, place):
    several = scales(base)
    images = random_images(several[0][0])
    labels = [1, 0, 2, 1] if base.get("classes") else None
    options = ["--labels", place.labels("labels", labels)] if labels else []
    place.succeeds(*export(several, images, place, "--limit", 3, *options))
    blob = pixelrnn.quantize_scales(several, images, labels, limit=3)
    assert blob == place.path("out.prnn").read_bytes()
    assert len(pixelrnn.Model.load(blob).info()["scales"]) == 3


def test_one_network_is_a_model_of_one_scale():
    [network] = scales(BASES[0], [0])
    images = random_images(network[0])
    assert pixelrnn.quantize_scales([network], images) == pixelrnn.quantize(*network, images)
    with pytest.raises(pixelrnn.Error, match="there is no network"):
        pixelrnn.quantize_scales([], images)


@pytest.mark.parametrize("factors", [[2, 4], [0, 2, 0], [0] + 8 * [2]], ids=str)
def test_what_is_no_pyramid_is_the_command_lines_error(factors, place):
    several = scales(BASES[0], factors)
    images = random_images(several[0][0])
    text = place.fails(*export(several, images, place))
    with pytest.raises(pixelrnn.Error) as error:
        pixelrnn.quantize_scales(several, images)
    said = str(error.value)
    for number in range(len(several)):
        said = said.replace(f"networks[{number}]", f"{number}.safetensors")
    assert said == text


def test_levels_must_agree(place):
    several = [*scales(BASES[0], [0]), *scales(BASES[0] | dict(levels=17), [2])]
    with pytest.raises(pixelrnn.Error, match=r"networks\[1\] is of other levels, channels or classes"):
        pixelrnn.quantize_scales(several, random_images(several[0][0]))


def test_a_larger_scale_alone_is_measured_and_not_drawn(place):
    [network] = scales(BASES[0], [2])
    images = random_images(network[0])
    place.path("x.prnn").write_bytes(pixelrnn.quantize(*network, images))
    model = pixelrnn.Model.load(place.path("x.prnn"))
    assert model.info() == json.loads(place.succeeds("inspect", "x.prnn", "--json"))
    report = place.succeeds("eval", "x.prnn", "--data", place.save("images.npy", images), "--json")
    assert model.nats(images).mean() == pytest.approx(json.loads(report)["integer_nats_per_image"], rel=1e-14)
    text = place.fails("sample", "x.prnn")
    with pytest.raises(pixelrnn.Error) as error:
        model.sample()
    assert str(error.value) == text
