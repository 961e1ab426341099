"""Images a second on one core: pixelrnn beside PyTorch, ONNX Runtime and tract, on the same weights. See README.md."""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile

# One thread everywhere, before the libraries count the cores.
os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", RAYON_NUM_THREADS="1")

import numpy as np
import onnxruntime
import torch

from drivers import cached, whole
from exported import export, session
from networks import Network, RowEnd, Step, Whole
from timing import rates, repeat

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# What the engine computes at once.
OUR_BATCHES = (16,)
MODELS = ("digits8", "mnist-diagonal", "mnist-micro", "mnist-pixelcnn", "mnist-rowlstm")
SIZES = {"digits8": (8, 8)}
# Float logits differ by rounding alone; probabilities of the integer model by its quantization.
LOGITS_WITHIN = 5e-3
PROBABILITIES_WITHIN = 0.02


def build(folder, *arguments):
    subprocess.run(["cargo", "build", "--release", "--quiet", *arguments], cwd=folder, check=True)


def output(*command, limit=None):
    return json.loads(subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=limit).stdout)


class Comparison:
    """One model: a reference, and a line an implementation."""

    def __init__(self, blob, arguments, folder):
        self.net = Network(blob)
        self.width, self.height = SIZES.get(self.net.name, (28, 28))
        self.area = self.width * self.height
        self.arguments = arguments
        self.folder = pathlib.Path(folder)
        self.lines = []
        ours = self.ours(blob, 1)
        self.image = np.array(ours["image"], np.uint8).reshape(self.height, self.width)
        self.image_file = self.folder / f"{self.net.name}-image.json"
        self.image_file.write_text(json.dumps(ours["image"]))
        scaled = torch.from_numpy(self.image).float()[None, None] / (self.net.levels - 1)
        self.reference = Whole(self.net)(scaled)[0].flatten(1).t().numpy()
        speeds = {1: rates(ours["runs"], ours["images"])}
        for batch in OUR_BATCHES:
            runs = self.ours(blob, batch)
            if runs["image"] != ours["image"]:
                raise SystemExit(f"{self.net.name}: images in step differ from images alone")
            speeds[batch] = rates(runs["runs"], runs["images"])
        self.add("pixelrnn", speeds, self.probabilities(ours["probabilities"]))

    def ours(self, blob, batch):
        program = ROOT / "target/release/host_speed"
        return output(program, blob, self.width, self.height, self.arguments.images, self.arguments.repeats, batch)

    def probabilities(self, ours):
        logits = torch.from_numpy(self.reference).double()
        float_ = torch.cat([torch.sigmoid(-logits), torch.sigmoid(logits)], 1) if self.net.levels == 2 else logits.softmax(1)
        difference = (torch.tensor(ours, dtype=torch.float64) - float_).abs()
        mean, most = difference.mean().item(), difference.max().item()
        if mean > PROBABILITIES_WITHIN:
            raise SystemExit(f"{self.net.name}: the integer model's probabilities are off by {mean:.4f} on average")
        return f"probabilities within {most:.3f}, {mean:.4f} on average"

    def logits(self, name, logits):
        difference = np.abs(np.asarray(logits, np.float32).reshape(self.reference.shape) - self.reference).max()
        if not difference < LOGITS_WITHIN:
            raise SystemExit(f"{self.net.name}: {name} differs from PyTorch's whole network by {difference} in a logit")
        return f"logits within {difference:.0e}"

    def add(self, name, batches, agreement):
        """`batches`: images a second by batch; an error's text instead of numbers where there are none."""
        self.lines.append((name, batches, agreement))
        speeds = ", ".join(f"{batch}: {rate['processor']:.4g}" for batch, rate in batches.items())
        print(f"  {name}: {speeds} images a second; {agreement}", file=sys.stderr, flush=True)

    def time(self, call, images):
        call()
        return rates(repeat(call, self.arguments.repeats), images)

    def whole(self, name, batches, open_, numpy):
        """The whole network for every pixel; some pixels are enough, since each is the same work."""
        pixels = min(self.arguments.pixels, self.area)
        speeds = {}
        for batch in batches:
            run = open_(batch)
            draw = lambda: whole(self.net, run, batch, self.height, self.width, pixels=pixels, numpy=numpy)
            speeds[batch] = self.time(draw, batch * pixels / self.area)
        run = open_(1)
        scaled = self.image[None, None].astype(np.float32) / (self.net.levels - 1)
        result = run(scaled if numpy else torch.from_numpy(scaled))
        agreement = self.logits(name, np.asarray(result)[0].reshape(self.net.outputs, -1).T)
        self.add(name, speeds, agreement if numpy else "the reference")

    def cached(self, name, batches, open_, numpy):
        speeds = {}
        for batch in batches:
            step, row_end = open_(batch)
            draw = lambda: cached(self.net, step, row_end, batch, self.height, self.width, numpy=numpy)
            speeds[batch] = self.time(draw, batch)
        step, row_end = open_(1)
        _, logits = cached(self.net, step, row_end, 1, self.height, self.width, known=self.image, numpy=numpy)
        self.add(name, speeds, self.logits(name, np.concatenate(logits)))

    def export(self, part, batch):
        return export(self.net, self.folder, part, batch, self.height, self.width)

    def tract(self, text, mode, parts, batches, pixels):
        name = f"tract, {text}"

        def run(batch, pixels, repeats, *known):
            networks = [self.export(part, batch)[0] for part in parts]
            sizes = [self.width, self.height, batch, self.net.levels, pixels, repeats]
            program = HERE / "tract/target/release/host-speed-tract"
            return output(program, mode, *networks, *sizes, *known, limit=self.arguments.limit)

        speeds = {}
        try:
            for batch in batches:
                runs = run(batch, pixels, self.arguments.repeats + 1)["runs"]
                speeds[batch] = rates(runs[1:], batch * pixels / self.area)
            agreement = self.logits(name, run(1, self.area, 1, self.image_file)["logits"])
        except subprocess.TimeoutExpired:
            agreement = f"given up after {self.arguments.limit} s"
        except subprocess.CalledProcessError as error:
            last = error.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
            speeds, agreement = {}, f"tract fails: {last[0].replace('|', '/')[:100]}"
        self.add(name, speeds, agreement)

    def run(self):
        batches = self.arguments.batches
        small = sorted({1, 64} | {batch for batch in batches if batch <= 64})
        net = Whole(self.net).eval()
        self.whole("PyTorch, whole network a pixel", small, lambda batch: net, False)
        step, row_end = Step(self.net).eval(), RowEnd(self.net).eval()
        self.cached("PyTorch, cached", batches, lambda batch: (step, row_end), False)

        def compiled(batch):
            # Every batch is a program of its own, without dynamic shapes.
            torch.compiler.reset()
            options = {"fullgraph": True, "dynamic": False}
            return torch.compile(step, **options), torch.compile(row_end, **options)

        self.cached("PyTorch, cached and compiled", batches, compiled, False)
        self.cached("ONNX Runtime, cached", batches,
                    lambda batch: (session(*self.export("step", batch)), session(*self.export("row_end", batch))), True)
        self.tract("cached", "step", ["step", "row_end"], batches, self.area)
        if not self.arguments.no_exported_whole:
            self.whole("ONNX Runtime, whole network a pixel", [1], lambda batch: session(*self.export("whole", batch)), True)
            self.tract("whole network a pixel", "whole", ["whole"], [1], min(self.arguments.pixels, self.area))
        return self

    def bars(self):
        """The ratios that matter: name, ours over theirs, the bar."""
        one = {name: batches[1]["processor"] for name, batches, _ in self.lines if 1 in batches}
        best = {name: max(rate["processor"] for rate in batches.values()) for name, batches, _ in self.lines if batches}
        result = []
        for text, speeds, first_bar, others_bar in (("one at a time", one, 1000, 20), ("each at its best batch", best, 100, 4)):
            ours, first = speeds["pixelrnn"], speeds["PyTorch, whole network a pixel"]
            others = {name: speed for name, speed in speeds.items() if name not in ("pixelrnn", "PyTorch, whole network a pixel")}
            fastest = max(others, key=others.get)
            result.append((f"{text}, over PyTorch running the whole network", ours / first, first_bar))
            result.append((f"{text}, over the best of the others ({fastest})", ours / others[fastest], others_bar))
        return result

    def table(self):
        print(f"\n**{self.net.name} ({self.net.architecture}, h = {self.net.hidden}, {self.net.blocks} blocks, "
              f"{self.width} x {self.height})**\n")
        print("| images a second | one at a time | best batch | batch | agreement |\n| --- | ---: | ---: | ---: | --- |")
        for name, batches, agreement in self.lines:
            if not batches:
                print(f"| {name} | | | | {agreement} |")
                continue
            best = max(batches, key=lambda batch: batches[batch]["processor"])
            print(f"| {name} | {batches[1]['processor']:.3g} | {batches[best]['processor']:.3g} | {best} | {agreement} |")
        print("\n| bar | measured | at least | |\n| --- | ---: | ---: | --- |")
        for text, ratio, bar in self.bars():
            print(f"| {text} | {ratio:,.1f} | {bar:,} | {'met' if ratio >= bar else 'missed'} |")


def describe():
    lines = dict(line.split(":", 1) for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    model = {key.strip(): value.strip() for key, value in lines.items()}
    rust = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.strip()
    lock = (HERE / "tract/Cargo.lock").read_text().split('name = "tract-onnx"\nversion = "')[1].split('"')[0]
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    print(f"Processor: {model.get('model name')} (family {model.get('cpu family')}, model {model.get('model')}), "
          f"one thread each; {platform.system()}, {rust}, Python {platform.python_version()}, PyTorch {torch.__version__}, "
          f"ONNX Runtime {onnxruntime.__version__}, tract {lock}. Load average at the start: {load} on {os.cpu_count()} cores.")
    print("Rates are of processor time (user and system), medians of the repeats.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", type=pathlib.Path, help=".prnn files with their .safetensors and .json beside them")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--images", type=int, default=208, help="that pixelrnn draws in a repeat")
    parser.add_argument("--pixels", type=int, default=8, help="of an image, where the whole network runs for each")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 64, 256, 1024])
    parser.add_argument("--limit", type=int, default=300, help="seconds for one run of tract")
    parser.add_argument("--no-exported-whole", action="store_true", help="leave out the slowest: exported whole networks")
    parser.add_argument("--json", type=pathlib.Path, help="write all numbers there too")
    arguments = parser.parse_args()
    models = arguments.models or [ROOT / "examples/models" / f"{name}.prnn" for name in MODELS]

    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    build(ROOT, "-p", "pixelrnn-tests", "--bin", "host_speed")
    build(HERE / "tract")
    describe()
    done = []
    with tempfile.TemporaryDirectory() as folder:
        for blob in models:
            print(blob.name, file=sys.stderr, flush=True)
            done.append(Comparison(blob, arguments, folder).run())
            done[-1].table()
    if arguments.json:
        arguments.json.write_text(json.dumps({c.net.name: {name: batches for name, batches, _ in c.lines} for c in done}, indent=1))


if __name__ == "__main__":
    main()
