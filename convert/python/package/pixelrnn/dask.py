"""Scoring, classifying and coding collections on a Dask cluster: images in partitions, results in the images' order.

A worker that is lost has its partitions computed anew by the others. The engine uses all cores of a machine: start one
worker with one thread a machine (``dask worker --nthreads 1``), or set ``RAYON_NUM_THREADS``::

    client = distributed.Client("scheduler:8786")
    score = pixelrnn.dask.score(client, model, images)
"""

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Optional, Union

import numpy as np
from distributed import Client

from . import Classification, Model, Score, read

Collection = Union[np.ndarray, Sequence[np.ndarray], Sequence[Union[str, os.PathLike]]]
"""An array of (images, rows, columns, channels), a list of images, or one of paths that every worker can read."""


def score(
    client: Client,
    model: Model,
    images: Collection,
    *,
    partition: int = 256,
    background: Optional[Model] = None,
    **options: Any,
) -> Score:
    """`Model.score` of a collection, in partitions of so many images (or files)."""
    parts = each(client, partial(_score, model, background, options), images, partition)
    return Score(*(None if column[0] is None else np.concatenate(column) for column in zip(*parts)))


def classify(
    client: Client, model: Model, images: Collection, *, partition: int = 256, **options: Any
) -> Classification:
    """`Model.classify` of a collection, in partitions of so many images (or files)."""
    parts = each(client, partial(_classify, model, options), images, partition)
    return Classification(*(np.concatenate(column) for column in zip(*parts)))


def compress(client: Client, model: Model, images: Collection, *, partition: int = 256, **options: Any) -> list[bytes]:
    """`Model.compress` of a collection: an archive a partition, in order. `Model.decompress` reads each by itself."""
    return each(client, partial(_compress, model, options), images, partition)


def each(client: Client, work: Callable, images: Collection, partition: int) -> list:
    """What `work` makes of each partition, in order."""
    if partition < 1:
        raise ValueError("a partition has 1 image or more")
    if isinstance(images, np.ndarray) and images.ndim != 4:
        raise ValueError("an array of a collection is (images, rows, columns, channels)")
    parts = [images[start : start + partition] for start in range(0, len(images), partition)]
    if not parts:
        raise ValueError("there are no images")
    # The same work twice is computed twice: results are not to outlive a change of the files.
    return client.gather(client.map(work, parts, pure=False))


def arrays(part: Any) -> Any:
    """A partition's images, read where it holds paths."""
    is_path = [isinstance(image, (str, os.PathLike)) for image in part] if not isinstance(part, np.ndarray) else [False]
    return [image for path in part for image in read(path)] if all(is_path) else part


def _score(model: Model, background: Optional[Model], options: dict, part: Any) -> tuple:
    return tuple(model.score(arrays(part), background=background, **options))


def _classify(model: Model, options: dict, part: Any) -> tuple:
    return tuple(model.classify(arrays(part), **options))


def _compress(model: Model, options: dict, part: Any) -> bytes:
    return model.compress(arrays(part), **options)
