"""Bits a value, and megapixels a second, of lossless codecs on the same images."""

import argparse
import os
import pathlib
import resource
import subprocess
import tempfile

import imagecodecs
import numpy
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target/release/pixelrnn"

#: Name, encoder, decoder, and the most bits a value that it takes.
FORMATS = [
    ("PNG (libpng, level 9)", lambda a: imagecodecs.png_encode(a, level=9), imagecodecs.png_decode, 16),
    ("WebP lossless (method 6)", lambda a: imagecodecs.webp_encode(a, lossless=True, method=6), imagecodecs.webp_decode, 8),
    ("QOI", imagecodecs.qoi_encode, imagecodecs.qoi_decode, 8),
    ("zstd -19", lambda a: imagecodecs.zstd_encode(a.tobytes(), level=19), imagecodecs.zstd_decode, 16),
    ("JPEG-LS", imagecodecs.jpegls_encode, imagecodecs.jpegls_decode, 16),
    ("JPEG XL -e 7", lambda a: jpegxl(a, 7), imagecodecs.jpegxl_decode, 16),
    ("JPEG XL -e 9", lambda a: jpegxl(a, 9), imagecodecs.jpegxl_decode, 16),
]

#: Title, folder or sheet of images, options of the command line, and our models.
SETS = [
    ("photos, test, colour", "photos/test", [], ["photos"]),
    ("photos, test, grey", "photos/test", ["--grey"], ["photos-grey", "photos-grey-fast"]),
    ("photos12, test, 12 bits", "photos12/test", [], ["photos-12bit"]),
    ("CIFAR-10, the first 512 test images", "cifar10/test", ["--grid", "32x32"], ["cifar10", "photos"]),
    ("Kodak, colour", "kodak", [], ["photos"]),
    ("Kodak, grey", "kodak", ["--grey"], ["photos-grey", "photos-grey-fast"]),
]


def jpegxl(image, effort):
    return imagecodecs.jpegxl_encode(image, lossless=True, effort=effort, numthreads=1)


def colours(image):
    """What takes no grey: the value three times."""
    return numpy.ascontiguousarray(numpy.repeat(image[..., None], 3, axis=2)) if image.ndim == 2 else image


def grey(image):
    """Rec. 601, rounded, as `--grey`."""
    r, g, b = (image[..., n].astype(numpy.uint32) for n in range(3))
    return ((299 * r + 587 * g + 114 * b + 500) // 1000).astype(image.dtype)


def read(data, folder, options):
    images = []
    for path in sorted((data / folder).iterdir()):
        image = numpy.array(Image.open(path))
        if image.dtype == numpy.int32:
            image = image.astype(numpy.uint16)
        if "--grid" in options:
            rows, columns = image.shape[0] // 32, image.shape[1] // 32
            tiles = image.reshape(rows, 32, columns, 32, -1).swapaxes(1, 2)
            images.extend(numpy.ascontiguousarray(tile) for tile in tiles.reshape(rows * columns, 32, 32, -1))
        else:
            images.append(grey(image) if "--grey" in options else image)
    return images


def processor_time(who=resource.RUSAGE_SELF):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def others(images, most_bits):
    """Rows of the other formats: name, bits a value, and seconds of processor time to encode and to decode."""
    bits = 8 if images[0].dtype == numpy.uint8 else 16
    values = sum(image.size for image in images)
    for name, encode, decode, takes in FORMATS:
        if bits > takes:
            continue
        given = [colours(image) for image in images] if name in ("WebP lossless (method 6)", "QOI") else images
        start = processor_time()
        coded = [bytes(encode(image)) for image in given]
        middle = processor_time()
        decoded = [decode(code) for code in coded]
        end = processor_time()
        for image, back in zip(given, decoded):
            back = numpy.frombuffer(back, image.dtype) if isinstance(back, (bytes, bytearray)) else back
            assert numpy.array_equal(numpy.asarray(back).reshape(-1), image.reshape(-1)), name
        yield name, 8 * sum(map(len, coded)) / values, middle - start, end - middle


def run(*arguments):
    start = processor_time(resource.RUSAGE_CHILDREN)
    environment = dict(os.environ, RAYON_NUM_THREADS="1")
    subprocess.run([PROGRAM, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    return processor_time(resource.RUSAGE_CHILDREN) - start


def ours(data, folder, options, model, values, tile):
    path = ROOT / f"examples/models/{model}.prnn"
    if not path.exists():
        return None
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        encode = run("compress", path, data / folder, *options, "--tile", tile, "-o", work / "a.prnz")
        decode = run("decompress", path, work / "a.prnz", "-o", work / "out")
        size = (work / "a.prnz").stat().st_size
    return 8 * size / values, encode, decode


def table(arguments, title, folder, options, models):
    images = read(arguments.data, folder, options)[: arguments.limit]
    values = sum(image.size for image in images)
    pixels = sum(image.shape[0] * image.shape[1] for image in images)
    print(f"{title}: {len(images)} images, {values} values\n")
    heading = "| | bits a value | encode, MP/s | decode, MP/s |\n| --- | ---: | ---: | ---: |"
    print(heading if arguments.speed else "| | bits a value |\n| --- | ---: |")
    rows = []
    for model in models:
        for tile in arguments.tiles:
            found = ours(arguments.data, folder, options, model, values, tile)
            if found:
                rows.append((f"`{model}`, tiles of {tile}" if tile != "none" else f"`{model}`, whole images", *found))
    rows.extend(others(images, 16))
    for name, bits, encode, decode in rows:
        speed = f" {pixels / 1e6 / encode:.2f} | {pixels / 1e6 / decode:.2f} |" if arguments.speed else ""
        print(f"| {name} | {bits:.3f} |{speed}")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, default=ROOT / "../shared/data")
    parser.add_argument("--speed", action="store_true", help="megapixels a second of processor time too")
    parser.add_argument("--only", default="", help="only sets whose title holds this")
    parser.add_argument("--tiles", nargs="+", default=["128x128"], help="our tiles: WIDTHxHEIGHT, or none")
    parser.add_argument("--limit", type=int, help="only so many images, for the other formats")
    arguments = parser.parse_args()
    subprocess.run(["cargo", "build", "--release", "-p", "pixelrnn-convert"], check=True, cwd=ROOT)
    for title, folder, options, models in SETS:
        if arguments.only in title:
            table(arguments, title, folder, options, models)


if __name__ == "__main__":
    main()
