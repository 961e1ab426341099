"""What all tests share: the program `pixelrnn`, and small networks of random weights."""

import json
import os
import subprocess
from pathlib import Path
from typing import Optional

import networks
import numpy as np
import pixelrnn
import pytest


class Place:
    """A folder, and the program run in it."""

    def __init__(self, folder: Path):
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / name

    def run(self, *arguments) -> subprocess.CompletedProcess:
        program = os.environ["PIXELRNN"]
        return subprocess.run([program, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True)

    def succeeds(self, *arguments) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fails(self, *arguments) -> str:
        """Runs what is an error, and gives its text."""
        done = self.run(*arguments)
        assert done.returncode != 0, done.stdout
        return done.stderr.strip().removeprefix("error: ")

    def save(self, name: str, images: np.ndarray) -> str:
        np.save(self.path(name), images)
        return name

    def labels(self, name: str, labels) -> str:
        """An idx file of labels."""
        self.path(name).write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, len(labels), *labels]))
        return name


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


class Kind:
    """A random network, its integer model, and images for it."""

    def __init__(self, config: dict, folder: Path):
        self.config = config
        self.tensors = networks.tensors(config)
        self.path = folder / "model.prnn"
        labels = list(range(config["classes"])) or None
        self.bytes = pixelrnn.quantize(config, self.tensors, self.images(max(config["classes"], 2)), labels)
        self.path.write_bytes(self.bytes)
        self.model = pixelrnn.Model.load(self.path)

    def images(self, count: int, height: int = 7, width: int = 9, seed: int = 1) -> np.ndarray:
        """Random levels, some of them often: (count, height, width, channels)."""
        random, levels = np.random.default_rng(seed), self.config["levels"]
        few = random.integers(0, levels, 3)
        shape = (count, height, width, self.config["channels"])
        often = few[random.integers(0, 3, shape)]
        mixed = np.where(random.random(shape) < 0.6, often, random.integers(0, levels, shape))
        return mixed.astype(np.uint8 if levels <= 256 else np.uint16)

    def save_twin(self, folder: Optional[Path] = None, tensors: Optional[dict] = None) -> None:
        """Writes the float network beside the model, or into a folder as `model`."""
        path = (folder or self.path.parent) / "model"
        path.with_suffix(".safetensors").write_bytes(networks.safetensors(tensors or self.tensors))
        path.with_suffix(".json").write_text(json.dumps(self.config))

    @property
    def class_(self):
        """A class, where there are some."""
        return 1 if self.config["classes"] else None

    @property
    def class_options(self) -> list:
        return ["--class", 1] if self.config["classes"] else []


@pytest.fixture(scope="session", params=networks.KINDS, ids=networks.name)
def kind(request, tmp_path_factory):
    return Kind(request.param, tmp_path_factory.mktemp("kind"))


@pytest.fixture(scope="session")
def binary(tmp_path_factory):
    return Kind(networks.KINDS[0], tmp_path_factory.mktemp("binary"))


@pytest.fixture(scope="session")
def classes(tmp_path_factory):
    return Kind(next(kind for kind in networks.KINDS if kind["classes"]), tmp_path_factory.mktemp("classes"))


def same(one: np.ndarray, other: np.ndarray) -> None:
    """Type, shape and values agree."""
    assert (one.dtype, one.shape) == (other.dtype, other.shape)
    assert np.array_equal(one, other)


@pytest.fixture(scope="session")
def golden_scales():
    """The path of a committed model of several scales."""
    return lambda name: Path(__file__).parents[3] / "tests" / "golden" / "scales" / f"{name}.prnn"


@pytest.fixture(scope="session")
def shipped():
    """The path of a shipped model's file."""
    return lambda name: Path(__file__).parents[3] / "examples" / "models" / name
