import numpy as np
import pixelrnn
import pytest
from conftest import same


@pytest.mark.parametrize("candidates", [1, 3])
def test_completions_are_the_command_lines(kind, place, candidates):
    image = kind.images(1)[0]
    place.save("image.npy", image[None])
    options = ["--keep-rows", 3, "--count", 5, "--seed", 7, *kind.class_options]
    options += ["--temperature", 1.2] if candidates == 1 else ["--candidates", candidates]
    place.succeeds("complete", kind.path, "image.npy", "-o", "x.npy", *options)
    keywords = dict(count=5, seed=7, candidates=candidates, class_=kind.class_)
    keywords |= dict(temperature=1.2) if candidates == 1 else {}
    completed = kind.model.complete(image[None], keep_rows=3, **keywords)
    same(completed, np.load(place.path("x.npy")))
    assert np.array_equal(completed[:, :3], np.broadcast_to(image[:3], completed[:, :3].shape))


def test_a_mask_and_pixels_are_the_command_lines(binary, place):
    image, mask = binary.images(1)[0, :, :, 0], np.random.default_rng(3).random((7, 9)) < 0.5
    place.save("image.npy", image)
    place.save("mask.npy", np.where(mask, 255, 0).astype(np.uint8))
    place.succeeds("complete", binary.path, "image.npy", "-o", "x.npy", "--mask", "mask.npy")
    same(binary.model.complete(image, mask), np.load(place.path("x.npy")))
    place.succeeds("complete", binary.path, "image.npy", "-o", "x.npy", "--keep-pixels", 11)
    same(binary.model.complete(image, keep_pixels=11), np.load(place.path("x.npy")))


@pytest.mark.parametrize(
    ("options", "keywords"),
    [
        ([], {}),
        (["--keep-rows", 8], dict(keep_rows=8)),
        (["--keep-pixels", 64], dict(keep_pixels=64)),
        (["--keep-rows", 1, "--temperature", 101], dict(keep_rows=1, temperature=101)),
        (["--keep-rows", 1, "--class", 0], dict(keep_rows=1, class_=0)),
    ],
)
def test_errors_are_the_command_lines(binary, place, options, keywords):
    image = binary.images(1)[0, :, :, 0]
    place.save("image.npy", image)
    text = place.fails("complete", binary.path, "image.npy", "-o", "x.npy", *options)
    with pytest.raises(pixelrnn.Error) as error:
        binary.model.complete(image, **keywords)
    assert str(error.value) == text


def test_candidates_and_temperature_exclude_each_other(binary, place):
    options = ["--keep-rows", 1, "--candidates", 2, "--temperature", 2, "-o", "x.npy"]
    text = place.fails("complete", binary.path, "image.npy", *options)
    with pytest.raises(pixelrnn.Error) as error:
        binary.model.complete(binary.images(1), keep_rows=1, candidates=2, temperature=2)
    assert str(error.value) in text


def test_what_does_not_fit_is_refused(binary):
    with pytest.raises(
        pixelrnn.Error, match=r"mask is 9x6 pixels, images#0 is 9x7 pixels: a mask has the image's size"
    ):
        binary.model.complete(binary.images(1)[0, :, :, 0], np.ones((6, 9), bool))
    with pytest.raises(pixelrnn.Error, match="one image is completed at a time, 2 were given"):
        binary.model.complete(binary.images(2), keep_rows=1)
    with pytest.raises(TypeError):
        binary.model.complete(binary.images(1)[0, :, :, 0], np.ones((7, 9)))
