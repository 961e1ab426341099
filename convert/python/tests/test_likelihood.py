"""score, nats and classify."""

import csv
import io
import json

import numpy as np
import pixelrnn
import pytest


def table(text: str, name: str) -> list:
    """The lines of a CSV, in the images' order."""
    rows = list(csv.DictReader(io.StringIO(text)))
    return sorted(rows, key=lambda row: int(row["image"].removeprefix(f"{name}#")))


def test_scores_are_the_command_lines(kind, place):
    images = kind.images(5)
    rows = table(place.succeeds("score", kind.path, place.save("x.npy", images), "--csv"), "x.npy")
    score = kind.model.score(images)
    assert [f"{nats:.4f}" for nats in score.nats] == [row["nats"] for row in rows]
    assert [f"{bits:.6f}" for bits in score.bits_per_dimension] == [row["bits_per_dimension"] for row in rows]
    assert score.background_nats is None and score.ratio_nats is None


def test_ratios_are_the_command_lines(binary, place):
    images = binary.images(5)
    options = ["--background", binary.path, "--csv"]
    rows = table(place.succeeds("score", binary.path, place.save("x.npy", images), *options), "x.npy")
    score = binary.model.score(images, background=binary.model)
    assert [f"{nats:.4f}" for nats in score.background_nats] == [row["background_nats"] for row in rows]
    assert list(score.ratio_nats) == [0.0] * 5


def test_a_background_must_be_of_the_same_kind(binary, classes, place):
    text = place.fails("score", binary.path, place.save("x.npy", binary.images(1)), "--background", classes.path)
    with pytest.raises(pixelrnn.Error) as error:
        binary.model.score(binary.images(1), background=classes.model)
    assert str(error.value) == text


def test_nats_are_what_eval_measures(kind, place):
    images = kind.images(5)
    labels = [0, 1, 1, 0, 1] if kind.config["classes"] else None
    options = ["--labels", place.labels("labels", labels)] if labels else []
    report = place.succeeds("eval", kind.path, "--data", place.save("x.npy", images), *options, "--json")
    nats = kind.model.nats(images, labels)
    assert nats.shape == (5,)
    assert nats.mean() == pytest.approx(json.loads(report)["integer_nats_per_image"], rel=1e-14)
    # The float twin is near, and a list of images is the same as an array of them.
    float_nats = pixelrnn.Network(kind.config, kind.tensors).nats(images, labels)
    assert float_nats == pytest.approx(nats, rel=0.2)
    assert list(kind.model.nats(list(images), labels)) == list(nats)


def test_nats_without_labels_are_those_of_the_mean(classes, place):
    images = classes.images(5)
    report = place.succeeds("eval", classes.path, "--data", place.save("x.npy", images), "--json")
    assert classes.model.nats(images).mean() == pytest.approx(json.loads(report)["integer_nats_per_image"], rel=1e-14)


def test_float_nats_are_what_eval_measures(kind, place):
    images = kind.images(3)
    labels = [0, 1, 1] if kind.config["classes"] else None
    options = ["--labels", place.labels("labels", labels)] if labels else []
    kind.save_twin()
    report = place.succeeds("eval", kind.path, "--data", place.save("x.npy", images), *options, "--json")
    for network in [
        pixelrnn.Network(kind.config, kind.tensors),
        pixelrnn.Network.load(kind.path.with_suffix(".safetensors")),
    ]:
        nats = network.nats(images, labels)
        assert nats.mean() == pytest.approx(json.loads(report)["float_nats_per_image"], rel=1e-14)
    values = network.value_nats(images[1], labels[1] if labels else None)
    assert values.shape == images[1].shape
    assert values.sum() == pytest.approx(nats[1], rel=1e-12)


def test_classes_are_the_command_lines(kind, place):
    images = kind.images(5)
    command = ["classify", kind.path, place.save("x.npy", images), "--csv"]
    if not kind.config["classes"]:
        with pytest.raises(pixelrnn.Error) as error:
            kind.model.classify(images)
        assert str(error.value) == place.fails(*command)
        return
    rows, found = table(place.succeeds(*command), "x.npy"), kind.model.classify(images)
    assert list(found.classes) == [int(row["class"]) for row in rows]
    assert [f"{nats:.4f}" for nats in found.margin_nats] == [row["margin_nats"] for row in rows]
    assert [f"{nats:.4f}" for nats in found.nats] == [row["nats"] for row in rows]
    for class_ in range(kind.config["classes"]):
        assert [f"{nats:.4f}" for nats in found.nats_given[:, class_]] == [row[f"nats_given_{class_}"] for row in rows]


def test_labels_that_do_not_fit_are_refused(binary, classes, place):
    for kind, labels in [(binary, [0, 0]), (classes, [0, 1, 1]), (classes, [0, 3])]:
        images = kind.images(2)
        options = ["--data", place.save("images", images), "--labels", place.labels("labels", labels)]
        options[1] = place.save("images.npy", images)
        text = place.fails("eval", kind.path, *options)
        with pytest.raises(pixelrnn.Error) as error:
            kind.model.nats(images, labels)
        assert str(error.value).replace("images#", "images.npy#") == text


def test_values_are_spread_as_asked(binary, place):
    tones = np.random.default_rng(1).integers(0, 256, (3, 7, 9), dtype=np.uint8)
    for values in ["auto", "even", "threshold", "sample"]:
        report = place.succeeds("eval", binary.path, "--data", place.save("x.npy", tones), "--values", values, "--json")
        nats = binary.model.nats(tones, values=values)
        assert nats.mean() == pytest.approx(json.loads(report)["integer_nats_per_image"], rel=1e-14)
        levels = np.stack(pixelrnn.levels(tones, 2, values=values))
        assert list(binary.model.nats(levels, values="asis")) == list(nats)
    text = place.fails("eval", binary.path, "--data", place.save("x.npy", tones), "--values", "asis")
    with pytest.raises(pixelrnn.Error) as error:
        binary.model.nats(tones, values="asis")
    assert str(error.value) == text
    with pytest.raises(pixelrnn.Error, match=r"invalid value 'x' for '--values' \[possible values: auto, asis, even"):
        binary.model.nats(tones, values="x")
