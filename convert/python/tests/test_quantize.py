import json

import networks
import numpy as np
import pixelrnn
import pytest
from conftest import same


def export(kind, place, images, *options):
    kind.save_twin(place.folder)
    return ["export", "model.safetensors", "--data", place.save("images.npy", images), "-o", "out.prnn", *options]


def test_models_are_what_export_writes(kind, place):
    images = kind.images(6, seed=2)
    labels = [1, 0, 1, 1, 0, 0] if kind.config["classes"] else None
    options = ["--labels", place.labels("labels", labels)] if labels else []
    place.succeeds(*export(kind, place, images, "--limit", 4, *options))
    model = pixelrnn.quantize(kind.config, kind.tensors, images, labels, limit=4)
    assert model == place.path("out.prnn").read_bytes()


def test_half_floats_are_read(binary, place):
    halves = {name: tensor.astype(np.float16) for name, tensor in binary.tensors.items()}
    floats = {name: tensor.astype(np.float32) for name, tensor in halves.items()}
    images = binary.images(3)
    assert pixelrnn.quantize(binary.config, halves, images) == pixelrnn.quantize(binary.config, floats, images)


@pytest.mark.parametrize("bits, most", [(8, 254), (4, 14)])
def test_rounded_blocks_lie_on_steps(binary, place, bits, most):
    config, images = binary.config | dict(hidden=8), binary.images(4)
    tensors = networks.tensors(config)
    rounded = pixelrnn.rounded(config, tensors, images, weights=bits)
    weights = {name: weight for name, weight in rounded.items() if name.endswith(".weight")}
    assert weights and all(name.startswith("blocks.") for name in rounded)
    for name, weight in weights.items():
        assert weight.shape == tensors[name].shape and not np.array_equal(weight, tensors[name])
        row = weight.reshape(len(weight), -1)[0].astype(float)
        step = np.abs(row[row != 0]).min()
        whole = row / step
        assert np.abs(whole).max() <= most / 2 + 1, name
    assert len(pixelrnn.quantize(config, tensors, images, weights=4)) < len(pixelrnn.quantize(config, tensors, images))
    with pytest.raises(pixelrnn.Error, match="multiple of 8"):
        pixelrnn.quantize(
            binary.config | dict(hidden=4), networks.tensors(binary.config | dict(hidden=4)), images, weights=4
        )


def wrong_tensors(tensors: dict) -> dict:
    weight = tensors["head.hidden.weight"]
    return {
        "missing": {name: tensor for name, tensor in tensors.items() if name != "head.hidden.weight"},
        "superfluous": tensors | {"other": weight},
        "shape": tensors | {"head.hidden.weight": weight[:-1]},
        "not finite": tensors | {"head.hidden.weight": np.full_like(weight, np.nan)},
        "double": tensors | {"head.hidden.weight": weight.astype(np.float64)},
    }


@pytest.mark.parametrize("wrong", ["missing", "superfluous", "shape", "not finite", "double"])
def test_wrong_weights_are_the_command_lines_errors(binary, place, wrong):
    command = export(binary, place, binary.images(2))
    tensors = wrong_tensors(binary.tensors)[wrong]
    binary.save_twin(place.folder, tensors)
    text = place.fails(*command)
    with pytest.raises(pixelrnn.Error) as error:
        pixelrnn.quantize(binary.config, tensors, binary.images(2))
    assert str(error.value).replace("tensors does", "model.safetensors does") == text


@pytest.mark.parametrize(
    "wrong", [dict(hidden=5), dict(levels=1), dict(other=1), dict(architecture="x"), dict(kernel="3")]
)
def test_wrong_configs_are_the_command_lines_errors(binary, place, wrong):
    command = export(binary, place, binary.images(2))
    place.path("model.json").write_text(json.dumps(binary.config | wrong))
    text = place.fails(*command)
    with pytest.raises(pixelrnn.Error) as error:
        pixelrnn.quantize(binary.config | wrong, binary.tensors, binary.images(2))
    with pytest.raises(pixelrnn.Error) as checked:
        pixelrnn.check_config(binary.config | wrong)
    assert str(checked.value) == str(error.value)
    # Where in the text something is wrong depends on the text.
    said = str(error.value).split(" at line ")[0].replace("config is not", "model.json is not")
    assert said == text.split(" at line ")[0]


def test_labels_must_be_told(classes, place):
    text = place.fails(*export(classes, place, classes.images(2)))
    with pytest.raises(pixelrnn.Error) as error:
        pixelrnn.quantize(classes.config, classes.tensors, classes.images(2))
    assert str(error.value) == text


def test_levels_come_back(binary):
    images = binary.images(2)
    for level, image in zip(pixelrnn.levels(images * 255, 2), images, strict=True):
        same(level, image)
