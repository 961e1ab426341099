"""compress, decompress, names."""

import numpy as np
import pixelrnn
import pytest
from conftest import same


def test_archives_are_the_command_lines(kind, place):
    images = kind.images(6)
    command = ["compress", kind.path, place.save("x.npy", images), "-o", "x.prnz", "--tile", "4x3", "--group", 2]
    place.succeeds(*command, *kind.class_options)
    keywords = dict(class_=kind.class_, tile=(4, 3), group=2)
    coded = kind.model.compress(images, names=[f"x.npy#{n}" for n in range(6)], **keywords)
    assert coded == place.path("x.prnz").read_bytes()
    place.succeeds(*command, "--no-names", *kind.class_options)
    assert kind.model.compress(images, **keywords) == place.path("x.prnz").read_bytes()
    assert kind.model.names(coded) == [f"x.npy#{n}" for n in range(6)]
    for back, image in zip(kind.model.decompress(coded), images, strict=True):
        same(back, image)
    for back, image in zip(kind.model.decompress(coded, region=(3, 2, 5, 4)), images, strict=True):
        same(back, image[2:6, 3:8])


def test_images_of_many_sizes_and_labels_are_the_command_lines(classes, place):
    images = [classes.images(1, height, width)[0] for height, width in [(5, 4), (3, 8), (5, 4)]]
    for number, image in enumerate(images):
        place.save(f"{number}.npy", image[None])
    coded = classes.model.compress(images, class_=1, names=[f"{n}.npy#0" for n in range(3)])
    place.succeeds("compress", classes.path, "0.npy", "1.npy", "2.npy", "-o", "x.prnz", "--class", 1)
    assert coded == place.path("x.prnz").read_bytes()
    one_size, labels = classes.images(3), [2, 0, 2]
    options = ["--labels", place.labels("labels", labels), "--no-names"]
    place.succeeds("compress", classes.path, place.save("x.npy", one_size), "-o", "x.prnz", *options)
    coded = classes.model.compress(one_size, labels=np.array(labels))
    assert coded == place.path("x.prnz").read_bytes()
    for back, image in zip(classes.model.decompress(coded), one_size, strict=True):
        same(back, image)


def test_tones_and_transparency_are_the_files(binary, place):
    random = np.random.default_rng(4)
    tones = random.choice(np.array([0, 255], np.uint8), (2, 7, 9))
    alpha = random.integers(0, 256, (2, 7, 9), dtype=np.uint8)
    images = np.stack([tones, alpha], -1)
    place.succeeds("compress", binary.path, place.save("x.npy", images), "-o", "x.prnz", "--no-names")
    coded = binary.model.compress(images)
    assert coded == place.path("x.prnz").read_bytes()
    place.succeeds("decompress", binary.path, "x.prnz", "-o", "back")
    read = pixelrnn.read(place.path("back"))
    for file, back, image in zip(read, binary.model.decompress(coded, tones=True), images, strict=True):
        same(back, image)
        same(back, file)
    for back, image in zip(binary.model.decompress(coded, region=(1, 2, 3, 4)), images, strict=True):
        same(back, (image // [255, 1]).astype(np.uint8)[2:6, 1:4])


@pytest.mark.parametrize("damage", ["cut", "extended", "flipped", "text", "empty"])
def test_damage_is_the_command_lines_error(binary, place, damage):
    coded = binary.model.compress(binary.images(3))
    damaged = {
        "cut": coded[:-1],
        "extended": coded + b"x",
        "flipped": coded[:-12] + bytes([coded[-12] ^ 16]) + coded[-11:],
        "text": b"some text that is longer than a header",
        "empty": b"",
    }[damage]
    place.path("x.prnz").write_bytes(damaged)
    text = place.fails("decompress", binary.path, "x.prnz", "-o", "back")
    with pytest.raises(pixelrnn.Error) as error:
        binary.model.decompress(damaged)
    assert f"x.prnz: {error.value}" == text


def test_another_models_archive_is_refused(binary, classes, place):
    coded = binary.model.compress(binary.images(3))
    place.path("x.prnz").write_bytes(coded)
    text = place.fails("decompress", classes.path, "x.prnz", "-o", "back")
    with pytest.raises(pixelrnn.Error) as error:
        classes.model.decompress(coded)
    assert f"x.prnz: {error.value}" == text


@pytest.mark.parametrize("region", [(0, 0, 10, 1), (0, 0, 0, 1)])
def test_regions_must_be_in_the_images(binary, place, region):
    coded = binary.model.compress(binary.images(3))
    place.path("x.prnz").write_bytes(coded)
    text = "{},{},{}x{}".format(*region)
    said = place.fails("decompress", binary.path, "x.prnz", "-o", "back", "--region", text)
    with pytest.raises(pixelrnn.Error) as error:
        binary.model.decompress(coded, region=region)
    assert str(error.value) in said


def test_what_cannot_be_coded_exactly_is_refused(binary, place):
    tones = np.full((1, 7, 9), 77, np.uint8)
    text = place.fails("compress", binary.path, place.save("images.npy", tones), "-o", "x.prnz")
    with pytest.raises(pixelrnn.Error) as error:
        binary.model.compress(tones)
    assert str(error.value).replace("images#", "images.npy#") == text
    # Transparency would come back with 8 bits a value.
    wide = np.stack([tones // 255, tones], -1).astype(np.uint16)
    text = place.fails("compress", binary.path, place.save("images.npy", wide), "-o", "x.prnz")
    with pytest.raises(pixelrnn.Error, match="has transparency of 16 bits a value") as error:
        binary.model.compress(wide)
    assert str(error.value).replace("images#", "images.npy#") == text
    with pytest.raises(pixelrnn.Error, match="2 names for 1 images"):
        binary.model.compress(tones // 255, names=["a", "b"])
    with pytest.raises(pixelrnn.Error, match="a size is WIDTHxHEIGHT"):
        binary.model.compress(tones // 255, tile=(0, 4))
