"""The lossless formats that people use, and ours."""

import concurrent.futures
import json
import pathlib
import resource
import subprocess

import imagecodecs
import numpy

ROOT = pathlib.Path(__file__).resolve().parents[2]

#: Name, encoder, decoder, the most bits a value that it takes, and whether it takes grey.
FORMATS = [
    ("PNG (libpng, level 9)", lambda a: imagecodecs.png_encode(a, level=9), imagecodecs.png_decode, 16, True),
    ("WebP lossless (method 6)", lambda a: imagecodecs.webp_encode(a, lossless=True, method=6), imagecodecs.webp_decode, 8, False),
    ("QOI", imagecodecs.qoi_encode, imagecodecs.qoi_decode, 8, False),
    ("zstd -19", lambda a: imagecodecs.zstd_encode(a.tobytes(), level=19), imagecodecs.zstd_decode, 16, True),
    ("JPEG-LS", imagecodecs.jpegls_encode, imagecodecs.jpegls_decode, 16, True),
    ("JPEG XL -e 7", lambda a: jpegxl(a, 7), lambda code: imagecodecs.jpegxl_decode(code, numthreads=1), 16, True),
    ("JPEG XL -e 9", lambda a: jpegxl(a, 9), lambda code: imagecodecs.jpegxl_decode(code, numthreads=1), 16, True),
]


def jpegxl(image, effort):
    return imagecodecs.jpegxl_encode(image, lossless=True, effort=effort, numthreads=1)


def colours(image):
    """What takes no grey: the value three times."""
    return numpy.ascontiguousarray(numpy.repeat(image[..., None], 3, axis=2)) if image.ndim == 2 else image


def processor_time():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def timed(work, items, threads):
    """Results, an item a thread, and seconds of processor time of all threads."""
    start = processor_time()
    if threads == 1:
        results = [work(item) for item in items]
    else:
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            results = list(pool.map(work, items))
    return results, processor_time() - start


def check(name, images, decoded):
    for image, back in zip(images, decoded):
        if isinstance(back, (bytes, bytearray)):
            back = numpy.frombuffer(back, image.dtype)
        assert numpy.array_equal(numpy.asarray(back).reshape(-1), image.reshape(-1)), name


def others(images, threads):
    """Of every other format: name, bytes, seconds to encode and seconds to decode."""
    bits = 8 * images[0].dtype.itemsize
    for name, encode, decode, most_bits, takes_grey in FORMATS:
        if bits > most_bits:
            continue
        given = images if takes_grey else [colours(image) for image in images]
        coded, encoding = timed(lambda image: bytes(encode(image)), given, threads)
        decoded, decoding = timed(decode, coded, threads)
        check(name, given, decoded)
        yield name, sum(map(len, coded)), encoding, decoding


def build():
    """Ours, compiled."""
    command = ["cargo", "build", "--release", "-p", "pixelrnn-convert", "--example", "codec_rate", "--message-format", "json"]
    messages = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    programs = (json.loads(line).get("executable") for line in messages)
    return next(program for program in programs if program)


def ours(program, model, paths, options, tile, threads, repeats):
    """Bytes of one archive, seconds to encode and seconds to decode; nothing if there is no such model."""
    path = ROOT / f"examples/models/{model}.prnn"
    if not path.exists():
        return None
    command = [program, path, *paths, *options, "--tile", tile, "--threads", threads, "--repeats", repeats]
    printed = subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, text=True).stdout
    return tuple(map(float, printed.split()))
