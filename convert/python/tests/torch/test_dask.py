"""Collections on a cluster of two workers, one of which is killed in the middle."""

import os
import signal
import threading
import time

import distributed
import numpy as np
import pixelrnn
import pixelrnn.dask
import pytest


@pytest.fixture(scope="module")
def client():
    options = dict(threads_per_worker=1, processes=True, dashboard_address=None)
    with distributed.LocalCluster(2, **options) as cluster, distributed.Client(cluster) as client:
        yield client


def same(one, other) -> None:
    assert type(one) is type(other)
    for left, right in zip(one, other):
        assert (left is None and right is None) or np.array_equal(left, right)


def test_results_are_those_of_one_machine_in_order(client, binary, classes):
    images = binary.images(11)
    same(pixelrnn.dask.score(client, binary.model, images, partition=3), binary.model.score(images))
    ratio = pixelrnn.dask.score(client, binary.model, images, partition=4, background=binary.model)
    same(ratio, binary.model.score(images, background=binary.model))
    many = list(classes.images(11))
    same(pixelrnn.dask.classify(client, classes.model, many, partition=3), classes.model.classify(many))
    archives = pixelrnn.dask.compress(client, binary.model, images, partition=4)
    assert archives == [binary.model.compress(images[start : start + 4]) for start in (0, 4, 8)]


def test_several_scales_are_those_of_one_machine(client, golden_scales):
    model = pixelrnn.Model.load(golden_scales("random-row-lstm-scales"))
    images = model.sample(3, class_="all")
    same(pixelrnn.dask.score(client, model, images, partition=4), model.score(images))
    same(pixelrnn.dask.classify(client, model, images, partition=4), model.classify(images))
    first, *_ = pixelrnn.dask.compress(client, model, images, partition=4, class_=1)
    assert np.array_equal(model.decompress(first, scale=1), images[:4, ::2, ::2])


def test_files_are_read_by_the_workers(client, binary, place):
    images = binary.images(6)
    paths = [place.path(place.save(f"{number}.npy", images[number : number + 2])) for number in (0, 2, 4)]
    same(pixelrnn.dask.score(client, binary.model, paths, partition=2), binary.model.score(images))


def test_errors_are_those_of_one_machine(client, binary):
    with pytest.raises(pixelrnn.Error, match="convert them to numpy"):
        pixelrnn.dask.score(client, binary.model, np.zeros((4, 7, 9, 1)), partition=2)
    with pytest.raises(ValueError, match="an array of a collection"):
        pixelrnn.dask.score(client, binary.model, binary.images(4)[..., 0])
    with pytest.raises(ValueError, match="there are no images"):
        pixelrnn.dask.score(client, binary.model, [])


def test_a_lost_workers_part_is_done_again(client, binary):
    images = binary.images(240, 64, 64)
    expected, found = binary.model.score(images), []
    before = client.run(os.getpid)

    def work():
        found.append(pixelrnn.dask.score(client, binary.model, images, partition=4))

    scoring = threading.Thread(target=work)
    scoring.start()
    address, process = next(iter(before.items()))
    while len(client.has_what()[address]) < 2:
        time.sleep(0.001)
    assert scoring.is_alive() and client.processing()[address]
    os.kill(process, signal.SIGKILL)
    scoring.join(timeout=120)
    same(found[0], expected)
    assert process not in client.run(os.getpid).values()
