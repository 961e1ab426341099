"""Networks of random weights, under the names that `pixelrnn_convert::config` documents."""

import json

import numpy as np


def config(architecture, levels, channels=1, components=0, classes=0, skip=True, factor=0) -> dict:
    hidden = 4 * (channels if components == 0 else 1)
    network = dict(
        architecture=architecture, levels=levels, channels=channels, hidden=hidden, blocks=2, head=2 * hidden
    )
    network |= dict(kernel=3, skip=skip, components=components, classes=classes)
    return dict(network, factor=factor, upsampled=8 if factor else 0)


KINDS = [
    config("row-lstm", 2),
    config("pixelcnn", 256, channels=3, components=5),
    config("diagonal-bilstm", 5, channels=3),
    config("pixelcnn", 4096, components=3, skip=False),
    config("row-lstm", 17, classes=3),
    config("diagonal-bilstm", 2, classes=2),
    config("pixelcnn", 4, channels=2, classes=2),
    config("row-lstm", 300, channels=4, components=2),
]


def name(network: dict) -> str:
    parts = [network["architecture"], f"{network['levels']}levels", f"{network['channels']}channels"]
    parts += [f"mixture{network['components']}"] if network["components"] else []
    parts += [f"{network['classes']}classes"] if network["classes"] else []
    return "-".join(parts + ([f"factor{network['factor']}"] if network["factor"] else []))


def shapes(network: dict) -> dict:
    h, m, channels, classes = network["hidden"], network["head"], network["channels"], network["classes"]
    shapes = {"first.weight": (2 * h, channels, 7, 7), "first.bias": (2 * h,)}
    if classes:
        shapes["first.class.weight"] = (2 * h, classes)
    u, factor = network["upsampled"], network["factor"]
    if factor:
        shapes |= {"upsample.conv.weight": (u, channels, 3, 3), "upsample.conv.bias": (u,)}
        shapes |= {"upsample.transposed.weight": (u, u, factor, factor), "upsample.transposed.bias": (u,)}
    for number in range(network["blocks"]):
        block = {"expand.weight": (2 * h, h), "expand.bias": (2 * h,), **body(network)}
        if network["skip"]:
            block |= {"skip.weight": (2 * h, h), "skip.bias": (2 * h,)}
        shapes |= {f"blocks.{number}.{part}": shape for part, shape in block.items()}
    rows = sum(output_rows(network, channel) for channel in range(channels))
    shapes |= {"head.hidden.weight": (m, 2 * h), "head.hidden.bias": (m,)}
    shapes |= {"head.output.weight": (rows, m), "head.output.bias": (rows,)}
    return shapes | ({"head.linear.weight": (channels, channels, 5)} if network["components"] else {})


def body(network: dict) -> dict:
    """What is a block's own."""
    h = network["hidden"]
    if network["architecture"] == "pixelcnn":
        parts = {"reduce.weight": (h, 2 * h), "reduce.bias": (h,), "conv.weight": (h, h, 3, 3), "conv.bias": (h,)}
        return parts | conditions(network, h)
    row = network["architecture"] == "row-lstm"
    lstm = {"input_to_state.weight": (4 * h, 2 * h, 3) if row else (4 * h, 2 * h), "input_to_state.bias": (4 * h,)}
    lstm["state_to_state.weight"] = (4 * h, h, network["kernel"] if row else 2)
    lstm |= conditions(network, 4 * h)
    if row:
        return lstm
    return {f"{side}.{part}": shape for side in ("left", "right") for part, shape in lstm.items()}


def conditions(network: dict, rows: int) -> dict:
    """What a layer adds of a class, and of a smaller image."""
    parts = {"class.weight": (rows, network["classes"])} if network["classes"] else {}
    return parts | ({"upsample.weight": (rows, network["upsampled"])} if network["factor"] else {})


def output_rows(network: dict, channel: int) -> int:
    if network["components"]:
        return network["components"] * (3 + channel)
    return 1 if network["levels"] == 2 else network["levels"]


def tensors(network: dict, seed: int = 1) -> dict:
    random = np.random.default_rng(seed)
    # Classes that can be told apart.
    scale = {name: 2.0 if name.endswith("class.weight") else 0.6 for name in shapes(network)}
    return {
        name: random.uniform(-scale[name], scale[name], shape).astype(np.float32)
        for name, shape in shapes(network).items()
    }


def safetensors(tensors: dict) -> bytes:
    """A safetensors file: the length of a header, the header, the values (https://github.com/huggingface/safetensors)."""
    header, values = {}, b""
    for name, tensor in tensors.items():
        end = len(values) + tensor.nbytes
        kind = {"float32": "F32", "float64": "F64"}[str(tensor.dtype)]
        header[name] = {"dtype": kind, "shape": tensor.shape, "data_offsets": [len(values), end]}
        values += tensor.tobytes()
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + values
