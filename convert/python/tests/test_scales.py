"""Models of several scales: the committed ones of `tests/golden/scales`, beside the command line."""

import json
import pickle
from pathlib import Path

import numpy as np
import pixelrnn
import pytest
from conftest import same
from test_likelihood import table

# How many times smaller each scale is than the largest, the smallest first.
FACTORS = {
    "random-pixelcnn-scales": [8, 2, 1],
    "random-row-lstm-scales": [4, 2, 1],
    "random-diagonal-scales": [8, 4, 1],
}
WIDTH, HEIGHT = 19, 13


class Scales:
    """A model, and images for it."""

    def __init__(self, path: Path):
        self.path, self.factors = path, FACTORS[path.stem]
        self.model = pixelrnn.Model.load(self.path)
        self.kind = self.model.info()
        self.labels = [1, 0, 2] if "classes" in self.kind else None

    @property
    def class_(self):
        return 1 if self.labels else None

    @property
    def class_options(self) -> list:
        return ["--class", 1] if self.labels else []

    def images(self) -> np.ndarray:
        """Random levels: (3, HEIGHT, WIDTH, channels)."""
        levels = self.kind["levels"]
        values = np.random.default_rng(3).integers(0, levels, (3, HEIGHT, WIDTH, self.kind["channels"]))
        return values.astype(np.uint8 if levels <= 256 else np.uint16)

    def every(self, images: np.ndarray) -> list:
        """All scales of images."""
        return [images[:, ::factor, ::factor] for factor in self.factors]


@pytest.fixture(scope="module", params=FACTORS)
def scales(request, golden_scales):
    return Scales(golden_scales(request.param))


@pytest.fixture(scope="module")
def classes(golden_scales):
    return Scales(golden_scales("random-row-lstm-scales"))


def test_a_model_is_read_and_pickled(scales, place):
    said = json.loads(place.succeeds("inspect", scales.path, "--json", "--width", WIDTH))
    for model in [
        scales.model,
        pixelrnn.Model.load(scales.path.read_bytes()),
        pickle.loads(pickle.dumps(scales.model)),
    ]:
        assert model.blob == scales.path.read_bytes()
        assert model.info(WIDTH) == said
    assert len(said["scales"]) == 3


def test_broken_models_are_the_command_lines_errors(scales, place):
    blob = scales.path.read_bytes()
    for broken in [blob[:99], blob[:-1], blob[:-9] + bytes([blob[-9] ^ 1]) + blob[-8:]]:
        place.path("x.prnn").write_bytes(broken)
        text = place.fails("inspect", "x.prnn")
        with pytest.raises(pixelrnn.Error) as error:
            pixelrnn.Model.load(broken)
        assert str(error.value) == text.replace("x.prnn is", "the bytes are")


def test_the_committed_image_and_code_are_made(scales):
    values = np.frombuffer(scales.path.with_suffix(".values").read_bytes(), "<u2")
    code = scales.path.with_suffix(".prnz").read_bytes()
    drawn = scales.model.sample(1, width=WIDTH, height=HEIGHT, class_=scales.class_, scales=True)
    assert np.array_equal(np.concatenate([scale.ravel() for scale in drawn]), values)
    for number, scale in enumerate(drawn):
        same(scales.model.decompress(code, scale=number)[0], scale[0])


def test_images_are_the_command_lines(scales, place):
    options = ["--count", 9, "--seed", 5, "--width", WIDTH, "--height", HEIGHT, "--temperature", 0.8]
    place.succeeds("sample", scales.path, "-o", "x.npy", *options, *scales.class_options)
    keywords = dict(seed=5, width=WIDTH, height=HEIGHT, temperature=0.8, class_=scales.class_)
    largest = scales.model.sample(9, **keywords)
    same(largest, np.load(place.path("x.npy")))
    for scale, expected in zip(scales.model.sample(9, **keywords, scales=True), scales.every(largest), strict=True):
        same(scale, expected)


def test_all_scales_of_a_single_network_are_one(binary):
    [images] = binary.model.sample(2, scales=True)
    same(images, binary.model.sample(2))


@pytest.mark.parametrize("scale", [0, 1])
def test_enlarged_images_are_the_command_lines(scales, place, scale):
    small = scales.every(scales.images())[scale][0]
    place.save("small.npy", small)
    options = ["--scale", scale, "--count", 3, "--seed", 7, "--temperature", 1.2, *scales.class_options]
    keywords = dict(scale=scale, seed=7, temperature=1.2, class_=scales.class_)
    for more, size in [([], None), (["--size", f"{WIDTH}x{HEIGHT}"], (WIDTH, HEIGHT))]:
        place.succeeds("enlarge", scales.path, "small.npy", "-o", "x.npy", *options, *more)
        drawn = scales.model.enlarge(small, 3, size=size, **keywords)
        same(drawn, np.load(place.path("x.npy")))
        assert np.array_equal(scales.every(drawn)[scale], np.broadcast_to(small, (3, *small.shape)))


@pytest.mark.parametrize(
    ("options", "keywords"),
    [
        (["--scale", 2], dict(scale=2)),
        (["--scale", 2**64 - 1], dict(scale=2**64 - 1)),
        (["--class", 3], dict(class_=3)),
        (["--size", "99x13"], dict(size=(99, 13))),
        (["--temperature", 0], dict(temperature=0)),
    ],
)
def test_errors_of_enlarge_are_the_command_lines(classes, place, options, keywords):
    small = classes.every(classes.images())[0][:1]
    options = ["--class", 1, *options] if "class_" not in keywords else options
    text = place.fails("enlarge", classes.path, place.save("small.npy", small), "-o", "x.npy", *options)
    with pytest.raises(pixelrnn.Error) as error:
        classes.model.enlarge(small, **{"class_": 1, **keywords})
    assert str(error.value).replace("small#", "small.npy#").replace("images#", "small.npy#") == text


def test_what_cannot_be_enlarged_is_refused(classes, binary):
    with pytest.raises(pixelrnn.Error, match="one image is enlarged at a time, 3 were given"):
        classes.model.enlarge(classes.images(), class_=1)
    with pytest.raises(pixelrnn.Error, match="a size is WIDTHxHEIGHT"):
        classes.model.enlarge(classes.images()[0], size=(0, 3), class_=1)
    with pytest.raises(pixelrnn.Error, match="the model has 1 scales"):
        binary.model.enlarge(binary.images(1))


@pytest.mark.parametrize("candidates", [1, 3])
def test_completions_are_the_command_lines(scales, place, candidates):
    image = scales.images()[:1]
    options = ["--keep-rows", 5, "--count", 3, "--seed", 7, "--candidates", candidates, *scales.class_options]
    place.succeeds("complete", scales.path, place.save("x.npy", image), "-o", "out.npy", *options)
    keywords = dict(keep_rows=5, count=3, seed=7, candidates=candidates, class_=scales.class_)
    same(scales.model.complete(image, **keywords), np.load(place.path("out.npy")))


def test_scores_are_the_command_lines(scales, place):
    images = scales.images()
    options = ["--background", scales.path, "--csv"]
    rows = table(place.succeeds("score", scales.path, place.save("x.npy", images), *options), "x.npy")
    score = scales.model.score(images, background=scales.model)
    assert [f"{nats:.4f}" for nats in score.nats] == [row["nats"] for row in rows]
    assert list(score.background_nats) == list(score.nats)


def test_nats_are_what_eval_measures(scales, place):
    images = scales.images()
    for labels in [None, scales.labels] if scales.labels else [None]:
        options = ["--labels", place.labels("labels", labels)] if labels else []
        report = place.succeeds("eval", scales.path, "--data", place.save("x.npy", images), *options, "--json")
        nats = scales.model.nats(images, labels)
        assert nats.mean() == pytest.approx(json.loads(report)["integer_nats_per_image"], rel=1e-12)


def test_classes_are_the_command_lines(classes, place):
    images = classes.images()
    rows = table(place.succeeds("classify", classes.path, place.save("x.npy", images), "--csv"), "x.npy")
    found = classes.model.classify(images)
    assert list(found.classes) == [int(row["class"]) for row in rows]
    assert [f"{nats:.4f}" for nats in found.nats] == [row["nats"] for row in rows]


@pytest.mark.parametrize("tile", [None, (7, 6)])
def test_archives_are_the_command_lines(scales, place, tile):
    images = scales.images()
    options = ["--tile", "7x6" if tile else "none", *scales.class_options]
    place.succeeds("compress", scales.path, place.save("x.npy", images), "-o", "x.prnz", *options)
    names = [f"x.npy#{number}" for number in range(3)]
    coded = scales.model.compress(images, names=names, tile=tile, class_=scales.class_)
    assert coded == place.path("x.prnz").read_bytes()
    assert scales.model.names(coded) == names
    for scale, expected in [*enumerate(scales.every(images)), (None, images)]:
        decoded = scales.model.decompress(coded, scale=scale)
        for back, image in zip(decoded, expected, strict=True):
            same(back, image)
    part = scales.model.decompress(coded, scale=1, region=(1, 0, 3, 2))
    for back, image in zip(part, scales.every(images)[1], strict=True):
        same(back, image[:2, 1:4])


def test_a_code_that_ends_early_has_the_smaller_scales(scales, place):
    images = scales.images()
    coded = scales.model.compress(images, class_=scales.class_)[:-1]
    for scale, expected in enumerate(scales.every(images)[:2]):
        assert np.array_equal(scales.model.decompress(coded, scale=scale), expected)
    assert scales.model.names(coded) == [""] * 3
    place.path("x.prnz").write_bytes(coded)
    for options, scale in [([], None), (["--scale", 3], 3)]:
        text = place.fails("decompress", scales.path, "x.prnz", "-o", "back", *options)
        with pytest.raises(pixelrnn.Error) as error:
            scales.model.decompress(coded, scale=scale)
        assert str(error.value) == text.removeprefix("x.prnz: ")


def test_tones_are_the_files(classes, place):
    images = classes.images()
    place.succeeds("compress", classes.path, place.save("x.npy", images), "-o", "x.prnz", "--class", 1)
    place.succeeds("decompress", classes.path, "x.prnz", "-o", "back", "--scale", 1)
    coded = place.path("x.prnz").read_bytes()
    files = pixelrnn.read(place.path("back"))
    for back, file in zip(classes.model.decompress(coded, scale=1, tones=True), files, strict=True):
        same(back, file)
