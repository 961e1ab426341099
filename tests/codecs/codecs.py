"""Bits a value, and megapixels a second, of lossless codecs on the same images."""

import argparse
import os
import pathlib
import platform
import sys

import numpy
from PIL import Image

import formats

#: Title, folder or sheet of images, options of the command line, and our models.
SETS = [
    ("photos, test, colour", "photos/test", [], ["photos"]),
    ("photos, test, grey", "photos/test", ["--grey"], ["photos-grey", "photos-grey-fast"]),
    ("photos12, test, 12 bits", "photos12/test", [], ["photos-12bit"]),
    ("CIFAR-10, the first 512 test images", "cifar10/test", ["--grid", "32x32"], ["cifar10", "photos"]),
    ("Kodak, colour", "kodak", [], ["photos"]),
    ("Kodak, grey", "kodak", ["--grey"], ["photos-grey", "photos-grey-fast"]),
]

#: Our model, and what it is to be as fast as at a smaller size.
BARS = [("photos-grey-fast", "JPEG XL -e 7"), ("photos-grey", "JPEG XL -e 9"), ("photos", "JPEG XL -e 9")]


def grey(image):
    """Rec. 601, rounded, as `--grey`."""
    r, g, b = (image[..., n].astype(numpy.uint32) for n in range(3))
    return ((299 * r + 587 * g + 114 * b + 500) // 1000).astype(image.dtype)


def read(paths, options):
    images = []
    for path in paths:
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


def rows(arguments, program, paths, images, options, models, threads):
    """Name, bytes, seconds to encode, seconds to decode: ours, then the others."""
    for model in models:
        for tile in arguments.tiles:
            found = formats.ours(program, model, paths, options, tile, threads, arguments.repeats)
            if found:
                yield (f"`{model}`, tiles of {tile}" if tile != "none" else f"`{model}`, whole images", *found)
    yield from formats.others(images, threads)


def verdicts(table):
    """Whether a model is as fast and smaller, in words."""
    for model, other in BARS:
        ours = next((row for name, row in table.items() if name.startswith(f"`{model}`")), None)
        if not ours:
            continue
        theirs = table[other]
        said = [f"{ours[0]:.3f} bits a value to {theirs[0]:.3f}: {'smaller' if ours[0] < theirs[0] else 'LARGER'}"]
        for what, mine, its in zip(("encoding", "decoding"), ours[1:], theirs[1:]):
            said.append(f"{what} on one core {mine / its:.2f} times as fast: {'met' if mine >= its else 'MISSED'}")
        yield f"`{model}` to {other}: {'; '.join(said)}."


def print_sizes(found, values):
    print("| | bits a value |\n| --- | ---: |")
    for name, size, _, _ in found:
        print(f"| {name} | {8 * size / values:.3f} |")


def print_speed(arguments, found, everywhere, values, pixels):
    print("| | bits a value | encode, one core | decode, one core | encode, all | decode, all |\n| --- |" + " ---: |" * 5)
    table = {}
    for (name, size, encode, decode), (*_, encode_all, decode_all) in zip(found, everywhere):
        rate = [pixels / 1e6 / seconds for seconds in (encode, decode)]
        rate_all = [arguments.cores * pixels / 1e6 / seconds for seconds in (encode_all, decode_all)]
        table[name] = (8 * size / values, *rate)
        print(f"| {name} | {8 * size / values:.3f} | " + " | ".join(f"{r:.2f}" for r in rate + rate_all) + " |")
    print("\n" + "  \n".join(verdicts(table)))


def table(arguments, program, title, folder, options, models):
    paths = sorted((arguments.data / folder).iterdir())[: arguments.limit]
    images = read(paths, options)
    values = sum(image.size for image in images)
    pixels = sum(image.shape[0] * image.shape[1] for image in images)
    print(f"{title}: {len(images)} images, {values} values\n", flush=True)
    found = list(rows(arguments, program, paths, images, options, models, 1 if arguments.speed else arguments.cores))
    if arguments.speed:
        everywhere = rows(arguments, program, paths, images, options, models, arguments.cores)
        print_speed(arguments, found, everywhere, values, pixels)
    else:
        print_sizes(found, values)
    print(flush=True)


def processor():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines() if pathlib.Path("/proc/cpuinfo").exists() else []
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()


def print_head(arguments):
    command = "python tests/codecs/codecs.py " + " ".join(arguments.given)
    print(f"As `{command.strip()}` printed it ([how](../codecs/README.md)): bits a value, each image a file for the other")
    print("formats, one archive with names and checks for ours. Formats without grey get the value three times.")
    if arguments.speed:
        print(f"Megapixels a second of processor time, on {processor()}; on all its cores ({arguments.cores}) the pixels over what each")
        print("core spent: ours shares tiles out among them, the others an image to each.")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, default=formats.ROOT / "../shared/data")
    parser.add_argument("--speed", action="store_true", help="megapixels a second of processor time too")
    parser.add_argument("--only", nargs="+", default=[""], help="only sets whose title holds one of these")
    parser.add_argument("--tiles", nargs="+", default=["128x128"], help="our tiles: WIDTHxHEIGHT, or none")
    parser.add_argument("--limit", type=int, help="only so many files of each set")
    parser.add_argument("--repeats", type=int, default=3, help="of ours the fastest of so many runs counts")
    arguments = parser.parse_args()
    arguments.cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    arguments.given = [text for text in sys.argv[1:] if not text.startswith("--data")]
    program = formats.build()
    print_head(arguments)
    for title, folder, options, models in SETS:
        if any(part in title for part in arguments.only):
            table(arguments, program, title, folder, options, models)


if __name__ == "__main__":
    main()
