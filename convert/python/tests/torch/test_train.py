"""Training by torchrun with two workers, one of which is killed in the middle."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pixelrnn
import pytest
import safetensors.numpy
from pixelrnn.train import arguments

STEPS, EVERY = 60, 10


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """Images that are easy to learn: bright squares, two classes of them by their size."""
    folder, random = tmp_path_factory.mktemp("digits"), np.random.default_rng(1)
    images, labels = np.zeros((120, 8, 8), np.uint8), random.integers(0, 2, 120)
    for image, label in zip(images, labels):
        top, left = random.integers(0, 4, 2)
        image[top : top + 3 + label, left : left + 3 + label] = 1
    np.save(folder / "x.npy", images)
    (folder / "labels").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 120, *labels]))
    return folder


def command(digits, out, *options, workers=2, restarts=0):
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", workers, "--max-restarts", restarts]
    torchrun += ["--standalone", "-m", "pixelrnn.train", "--out", out]
    training = ["--data", digits / "x.npy", "--labels", digits / "labels", "--architecture", "row-lstm", "--hidden", 4]
    training += ["--blocks", 2, "--head", 8, "--steps", STEPS, "--every", EVERY, "--batch", 9, "--rate", 3e-2]
    return [str(part) for part in [*torchrun, *training, *options]]


def train(*arguments, kill=None, **keywords) -> str:
    """Trains, and gives what was printed; worker `kill`, or torchrun itself if that is -1, is killed in the middle."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}
    process = subprocess.Popen(
        command(*arguments, **keywords), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    workers, text = {}, ""
    for line in process.stdout:
        text += line
        if line.startswith("worker "):
            number, _, _, _, worker = line.removeprefix("worker ").replace(",", "").split()
            workers[int(number)] = int(worker)
        if kill is not None and f"step {EVERY}:" in line:
            os.kill(workers[kill] if kill >= 0 else process.pid, signal.SIGKILL if kill >= 0 else signal.SIGTERM)
            kill = None
    code = process.wait()
    return f"{text}exit {code}"


@pytest.fixture(scope="module")
def whole(digits, tmp_path_factory):
    """A training that nothing interrupts."""
    out = tmp_path_factory.mktemp("whole")
    printed = train(digits, out)
    assert printed.endswith("exit 0"), printed
    return out


def log(out) -> list:
    """The log's lines, without the minutes."""
    lines = [line.split(",") for line in (out / "log.csv").read_text().splitlines()[1:]]
    return [line[:1] + line[2:] for line in lines]


def validations(out) -> list:
    return [float(line[-1]) for line in log(out)]


def test_a_training_learns_and_is_exported(whole, digits, place):
    nats = validations(whole)
    assert len(nats) == STEPS // EVERY and nats[-1] < 0.8 * nats[0]
    place.succeeds("export", whole, "--data", digits / "x.npy", "--labels", digits / "labels", "-o", "x.prnn")
    found = pixelrnn.Model.load(place.path("x.prnn")).classify(np.load(digits / "x.npy"))
    assert found.nats_given.shape == (120, 2)


def test_a_killed_worker_is_started_again_and_changes_nothing(whole, digits, tmp_path):
    printed = train(digits, tmp_path, kill=1, restarts=1)
    assert printed.endswith("exit 0"), printed
    going_on = [int(line.split()[-1]) for line in printed.splitlines() if line.startswith("going on from step")]
    assert going_on and EVERY <= going_on[0] < STEPS
    assert (tmp_path / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    assert log(tmp_path) == log(whole)


def test_another_number_of_workers_goes_on(whole, digits, tmp_path):
    stopped = train(digits, tmp_path, kill=-1)
    assert "exit 0" not in stopped and not stopped.count(f"step {STEPS}:")
    printed = train(digits, tmp_path, workers=1)
    assert "going on from step" in printed and printed.endswith("exit 0"), printed
    assert validations(tmp_path) == pytest.approx(validations(whole), rel=5e-3)


def test_what_differs_from_the_beginning_is_said(whole, digits):
    printed = train(digits, whole, "--batch", 10, workers=1)
    assert "it was begun with --batch 9, not 10; remove it, or name another folder" in printed
    assert "exit 0" not in printed
    (whole / "checkpoint.pt").write_bytes(b"x")
    assert "it is no checkpoint of this program" in train(digits, whole, workers=1)


def test_wrong_images_are_errors(digits, tmp_path):
    run = [sys.executable, "-m", "pixelrnn.train", "--steps", "1", "--out", str(tmp_path / "run")]
    for options, reason in [
        (["--data", "none.npy"], "error: cannot read none.npy"),
        (["--data", str(digits / "x.npy"), "--crop", "9x9"], "is 8x8 pixels, smaller than the pieces of 9x9"),
        (["--data", str(digits / "x.npy"), "--labels", "none"], "error: cannot read none"),
        (["--data", str(digits / "x.npy"), "--hidden", "5"], "hidden is a multiple of 4"),
    ]:
        done = subprocess.run([*run, *options], capture_output=True, text=True)
        assert done.returncode == 1 and reason in done.stderr, done.stderr
    assert not (tmp_path / "run").exists()


def test_blocks_go_on_to_read_further(digits, tmp_path):
    near, far = tmp_path / "near", tmp_path / "far"
    for out, options in [(near, []), (far, ["--init", near, "--dilation", 2])]:
        printed = train(digits, out, "--architecture", "pixelcnn", *options, workers=1)
        assert printed.endswith("exit 0"), printed
    assert json.loads((far / "config.json").read_text())["dilation"] == 2
    assert validations(far)[-1] < 1.2 * validations(near)[-1]


def test_a_training_begins_from_another_and_grows(whole, digits, tmp_path):
    printed = train(digits, tmp_path, "--init", whole, "--grow", "--blocks", 3, "--rate", 1e-9, workers=1)
    assert printed.endswith("exit 0"), printed
    assert validations(tmp_path)[-1] == pytest.approx(validations(whole)[-1], rel=1e-3)
    assert json.loads((tmp_path / "config.json").read_text())["blocks"] == 3
    for options, reason in [
        (["--levels", 3], "has levels 2, not 3"),
        (["--grow", "--blocks", 1], "to begin from has 2"),
    ]:
        assert reason in train(digits, tmp_path / "run", "--init", whole, *options, workers=1)


def test_weights_of_4_bits_are_trained_and_exported(digits, tmp_path, place):
    run = [sys.executable, "-m", "pixelrnn.train", "--data", digits / "x.npy", "--architecture", "diagonal-bilstm"]
    run += ["--hidden", 8, "--blocks", 2, "--head", 8, "--steps", 20, "--every", 10, "--rate", 1e-2]

    def trained(*options):
        done = subprocess.run([str(part) for part in [*run, *options]], capture_output=True, text=True)
        return done.stdout + done.stderr

    assert "step 20:" in trained("--out", tmp_path / "8")
    assert "--weights 4 fine-tunes: give --init" in trained("--out", tmp_path / "none", "--weights", 4)
    assert "step 20:" in trained("--out", tmp_path / "4", "--init", tmp_path / "8", "--weights", 4)
    whole, few = (safetensors.numpy.load_file(tmp_path / name / "model.safetensors") for name in ("8", "4"))
    for name, weight in few.items():
        row = np.unique(np.round(weight.reshape(len(weight), -1)[0], 6))
        assert len(row) <= 15 or not (name.startswith("blocks.") and name.endswith(".weight")), name
        assert not np.array_equal(weight, whole[name]), name
    for bits in "8", "4":
        place.succeeds("export", tmp_path / bits, "--weights", bits, "--data", digits / "x.npy", "-o", f"{bits}.prnn")
    models = [place.path(f"{bits}.prnn") for bits in "84"]
    assert models[1].stat().st_size < models[0].stat().st_size
    images = np.load(digits / "x.npy")
    nats = [pixelrnn.Model.load(model).nats(images).mean() for model in models]
    assert nats[1] < nats[0], "the second run had twenty steps more"


def test_scales_are_trained_by_minutes_in_bfloat16(digits, tmp_path, place):
    data = ["--data", digits / "x.npy", "--architecture", "pixelcnn", "--hidden", "4", "--blocks", "1", "--head", "8"]
    scales = [["--shrink", "2"], ["--scale", "2", "--upsampled", "4", "--bfloat16"]]
    for number, scale in enumerate(scales):
        run = [sys.executable, "-m", "pixelrnn.train", "--out", tmp_path / str(number), *data, *scale]
        done = subprocess.run([str(part) for part in [*run, "--minutes", 0.02]], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    place.succeeds("export", tmp_path / "0", tmp_path / "1", "--data", digits / "x.npy", "-o", "x.prnn")


def test_photographs_are_trained_on_in_pieces(tmp_path):
    images = np.random.default_rng(1).integers(0, 256, (12, 20, 24, 3), dtype=np.uint8)
    np.save(tmp_path / "x.npy", images)
    run = [
        sys.executable,
        "-m",
        "pixelrnn.train",
        "--data",
        tmp_path / "x.npy",
        "--out",
        tmp_path / "run",
        "--crop",
        "8x8",
    ]
    run += [
        "--flip",
        "--levels",
        256,
        "--components",
        2,
        "--hidden",
        4,
        "--blocks",
        1,
        "--head",
        8,
        "--steps",
        3,
        "--batch",
        4,
    ]
    done = subprocess.run([str(part) for part in run], capture_output=True, text=True)
    assert done.returncode == 0 and "bits a dimension" in done.stdout, done.stderr
    assert pixelrnn.Network.load(tmp_path / "run").nats(images).shape == (12,)


def test_a_card_leaves_out_what_changes_nothing():
    given = ["--data", "x.npy", "--out", "run", "--architecture", "pixelcnn", "--steps", "1"]
    told = lambda *options: arguments.parse([*given, *options]).told()  # noqa: E731
    names = ["dilation", "shrink", "weights", "scale"]
    assert [told()[name] for name in names] == [None] * 4
    said = told("--dilation", "2", "--shrink", "4", "--weights", "4", "--init", "before")
    assert [said[name] for name in names] == [2, 4, 4, None]
