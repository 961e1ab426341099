"""The float networks as ONNX files, from their safetensors; ONNX Runtime over them."""

import pathlib
import warnings

import onnxruntime
import torch

from networks import RowEnd, Step, Whole, sizes


def export(net, folder, part, batch, height, width):
    """Writes `whole`, `step` or `row_end` for a fixed batch; returns the file's path and the inputs' names."""
    above, new = sizes(net)
    module, inputs, outputs = {
        "whole": (Whole, {"image": (batch, 1, height, width)}, ["logits"]),
        "step": (Step, {"last": (batch, 3), "above": (batch, above), "left": (batch, new)}, ["logits", "new"]),
        "row_end": (
            RowEnd,
            {"news": (width, batch, new), "aboves": (width, batch, above), "rows": (batch, 3, width)},
            ["next"],
        ),
    }[part]
    path = pathlib.Path(folder) / f"{net.name}-{part}-{batch}.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The tracing exporter: loops are unrolled and shapes are constants, as the runtimes like it best.
        torch.onnx.export(
            module(net).eval(),
            tuple(torch.zeros(shape) for shape in inputs.values()),
            path,
            input_names=list(inputs),
            output_names=outputs,
            dynamo=False,
            opset_version=17,
        )
    return path, list(inputs)


def session(path, names):
    """An ONNX Runtime session on one core, called with arrays in the order of `names`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    opened = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    # What a network does not read is no input of its file.
    used = {given.name for given in opened.get_inputs()}

    def run(*arrays):
        results = opened.run(None, {name: array for name, array in zip(names, arrays) if name in used})
        return results if len(results) > 1 else results[0]

    return run
