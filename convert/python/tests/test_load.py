"""Models, images and files that are read."""

import json
import pickle
import threading

import numpy as np
import pixelrnn
import pytest
from conftest import same


def test_a_model_is_read_from_a_path_and_from_bytes(kind, place):
    for source in [kind.path, str(kind.path), kind.bytes]:
        model = pixelrnn.Model.load(source)
        assert model.blob == kind.bytes
        assert model.info(40) == json.loads(place.succeeds("inspect", kind.path, "--json", "--width", 40))
    assert pickle.loads(pickle.dumps(kind.model)).blob == kind.bytes


def test_broken_models_are_the_command_lines_errors(binary, place):
    flipped = binary.bytes[:-9] + bytes([binary.bytes[-9] ^ 1]) + binary.bytes[-8:]
    for broken in [b"", b"some text", binary.bytes[:99], binary.bytes[:-1], flipped]:
        place.path("x.prnn").write_bytes(broken)
        text = place.fails("inspect", "x.prnn")
        with pytest.raises(pixelrnn.Error) as error:
            pixelrnn.Model.load(place.path("x.prnn"))
        assert str(error.value) == text.replace("x.prnn", str(place.path("x.prnn")))
        with pytest.raises(pixelrnn.Error) as error:
            pixelrnn.Model.load(broken)
        assert str(error.value) == text.replace("x.prnn is", "the bytes are")


def test_files_that_are_not_there_are_os_errors(place):
    text = place.fails("inspect", "none.prnn")
    with pytest.raises(OSError) as error:
        pixelrnn.Model.load(place.path("none.prnn"))
    assert str(error.value) == text.replace("none.prnn", str(place.path("none.prnn")))
    for read, name in [(pixelrnn.read, "none"), (pixelrnn.Network.load, "config.json")]:
        with pytest.raises(OSError, match="cannot read ") as error:
            read(place.path("none"))
        assert f"{name}: No such file" in str(error.value)


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((2, 7, 9)),
        np.zeros((2, 7, 9), np.int64),
        np.zeros((2, 7, 9), bool),
        np.zeros(9, np.uint8),
        np.zeros((1, 2, 7, 9, 1), np.uint8),
        np.zeros((1, 7, 9, 5), np.uint8),
        np.zeros((1, 0, 9, 1), np.uint8),
        np.zeros((1, 7, 9, 3), np.uint8),
    ],
    ids=lambda images: f"{images.dtype}-{images.shape}",
)
def test_arrays_that_are_no_images_are_the_command_lines_errors(binary, place, images):
    text = place.fails("score", binary.path, place.save("images.npy", images))
    for given, name in [(images, "images"), ([images], "images[0]")]:
        with pytest.raises(pixelrnn.Error) as error:
            binary.model.score(given)
        said = str(error.value).replace(f"{name} is not an array", "images.npy is not an npy file")
        assert said.replace(f"{name}#", "images.npy#") == text


@pytest.mark.parametrize("images", ["x.png", 7, [[0, 1], [1, 0]], [np.zeros((7, 9), np.uint8), 1], None])
def test_other_things_are_no_images(binary, images):
    with pytest.raises(TypeError, match=r"images are a NumPy array of .*, or a list of such"):
        binary.model.score(images)
    with pytest.raises(pixelrnn.Error, match="no image in images"):
        binary.model.score([])


def test_images_may_lie_in_any_order_in_memory(binary):
    images = binary.images(3)
    nats = list(binary.model.nats(images))
    for same_images in [
        np.asfortranarray(images),
        images[::-1].copy()[::-1],
        images.transpose(2, 1, 0, 3).copy().transpose(2, 1, 0, 3),
    ]:
        assert list(binary.model.nats(same_images)) == nats


def test_files_are_read_as_every_command_does(place):
    image = np.arange(24, dtype=np.uint8).reshape(4, 6)
    place.save("x.npy", image)
    same(pixelrnn.read(place.path("x.npy"))[0], image[:, :, None])
    cells = pixelrnn.read(place.path("x.npy"), grid=(3, 2))
    assert len(cells) == 4
    same(cells[1], image[:2, 3:, None])
    colour = np.full((2, 5, 6, 3), [255, 0, 0], np.uint8)
    place.save("colour.npy", colour)
    same(pixelrnn.read(place.path("colour.npy"), grey=True)[1], np.full((5, 6, 1), 76, np.uint8))
    with pytest.raises(pixelrnn.Error, match="which --grid 4x2 does not divide"):
        pixelrnn.read(place.path("x.npy"), grid=(4, 2))


def test_labels_are_read_from_files_and_folders(place):
    for folder, value in [("train/ash", 0), ("train/oak", 255), ("valid/oak", 255)]:
        place.path(folder).mkdir(parents=True)
        place.path(f"{folder}/x.pgm").write_bytes(b"P5 2 1 255 " + bytes([value, value]))
    train, valid = place.path("train"), place.path("valid")
    images, labels = pixelrnn.read_labelled(train, "folders")
    assert [(image.max(), label) for image, label in zip(images, labels)] == [(0, 0), (255, 1)]
    assert pixelrnn.read_labelled(valid, "folders")[1] == [0]
    assert pixelrnn.read_labelled(valid, "folders", like=train)[1] == [1]
    place.save("x.npy", np.zeros((3, 4, 5), np.uint8))
    labels = place.path(place.labels("labels", [3, 1, 2]))
    assert pixelrnn.read_labelled(place.path("x.npy"), labels)[1] == [3, 1, 2]
    place.labels("labels", [3, 1])
    with pytest.raises(pixelrnn.Error, match="2 labels for 3 images"):
        pixelrnn.read_labelled(place.path("x.npy"), labels)


def test_other_threads_run_while_it_computes(binary):
    turns, done = [], threading.Event()

    def count():
        while not done.wait(0.001):
            turns.append(1)

    counter = threading.Thread(target=count)
    counter.start()
    before = len(turns)
    binary.model.sample(64, width=128, height=128)
    counted = len(turns) - before
    done.set()
    counter.join()
    assert counted > 5
