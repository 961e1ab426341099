import numpy as np
import pixelrnn
import pytest
from conftest import same


def test_images_are_the_command_lines(kind, place):
    options = ["--count", 9, "--seed", 5, "--width", 6, "--height", 5, "--temperature", 0.8, *kind.class_options]
    place.succeeds("sample", kind.path, "-o", "x.npy", *options)
    drawn = kind.model.sample(9, seed=5, width=6, height=5, temperature=0.8, class_=kind.class_)
    same(drawn, np.load(place.path("x.npy")))


def test_all_classes_are_the_command_lines(classes, place):
    place.succeeds("sample", classes.path, "-o", "x.npy", "--count", 2, "--class", "all")
    same(classes.model.sample(2, class_="all"), np.load(place.path("x.npy")))


@pytest.mark.parametrize(
    ("options", "keywords"),
    [
        (["--temperature", 0], dict(temperature=0)),
        (["--temperature", "NaN"], dict(temperature=float("nan"))),
        (["--class", 1], dict(class_=1)),
        (["--class", "all"], dict(class_="all")),
    ],
)
def test_errors_are_the_command_lines(binary, place, options, keywords):
    text = place.fails("sample", binary.path, *options)
    with pytest.raises(pixelrnn.Error) as error:
        binary.model.sample(**keywords)
    assert str(error.value) == text


def test_a_class_must_be_told_and_be_there(classes, place):
    for options, keywords in [([], {}), (["--class", 3], dict(class_=3))]:
        text = place.fails("sample", classes.path, *options)
        with pytest.raises(pixelrnn.Error) as error:
            classes.model.sample(**keywords)
        assert str(error.value) == text


@pytest.mark.parametrize("option", ["count", "width", "height"])
def test_ranges_are_the_command_lines(binary, place, option):
    for number in [0, 100_001]:
        text = place.fails("sample", binary.path, f"--{option}", number)
        with pytest.raises(pixelrnn.Error) as error:
            binary.model.sample(**{option: number})
        reason = str(error.value).rsplit(": ", 1)[1]
        assert "is not in" in reason and reason in text
    with pytest.raises(OverflowError):
        binary.model.sample(**{option: -1})
