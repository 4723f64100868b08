"""A SPINN model as a bundle: one device graph with all cuts and exits, and a remote graph for each cut."""

import json

import numpy as np
import onnxruntime
import torch

from . import backbone, bundle, export_onnx, export_tflite, int8
from .data import Dataset, to_float
from .device_blocks import DeviceBlock, convolution
from .graph import Graph
from .graph_builder import GraphBuilder
from .lzw import encoded_bytes
from .ranges import Ranges
from .resize import resized
from .spinn import SPINNModel

# Training images that say what 8 bits must reach; images at once; images whose bytes are counted.
CALIBRATION, BATCH, PAYLOADS = 1000, 100, 1000


class DeviceHalf:
    """Stem, blocks and exits in float, folded."""

    def __init__(self, model: SPINNModel):
        self.stem, self.blocks, self.exits = convolution(model.stem, "stem"), [], {}
        for number, block in enumerate(model.trunk[: model.cuts[-1] + 1]):
            self.blocks.append(DeviceBlock.of(block, block_name(number)))
        for cut, found in zip(model.cuts, model.exits):
            self.exits[block_name(cut)] = (
                exit_name(cut), convolution(found.widened, f"{exit_name(cut)}/widened"),
                found.dense.weight.detach(), found.dense.bias.detach())

    def lay(self, tools, x) -> None:
        """In the order of the network. `tools`: a `GraphBuilder` or `Ranges`; `x`: the image as they
        have it."""
        x = tools.convolve(self.stem, x)
        for block in self.blocks:
            x = block.lay(tools, x)
            if block.name in self.exits:
                name, widened, weight, bias = self.exits[block.name]
                pooled = tools.mean(tools.convolve(widened, x), f"{name}/pooled")
                tools.dense(weight, bias, pooled, f"{name}Logits", f"{name}/dense")


def block_name(number: int) -> str:
    return f"block{number}"


def exit_name(cut: int) -> str:
    return f"exit{cut}"


def device_graph(model: SPINNModel, dataset: Dataset) -> Graph:
    """int8 image -> of each cut `blockN` [1,H,W,C] and `exitNLogits` [1,classes]."""
    half, ranges = DeviceHalf(model), Ranges()
    with torch.inference_mode():
        for images in dataset.train.images[:CALIBRATION].split(BATCH):
            half.lay(ranges, to_float(images, dataset.side))
    builder = GraphBuilder(ranges.found, dataset.side, [
        name for cut in model.cuts for name in (block_name(cut), f"{exit_name(cut)}Logits")])
    half.lay(builder, "image")
    return builder.graph


class Chain:
    """The int8 device graph, and ONNX Runtime behind each cut."""

    def __init__(self, model: SPINNModel, dataset: Dataset):
        self.cuts, self.dataset = model.cuts, dataset
        self.graph = device_graph(model, dataset)
        self.remotes, self.sessions = {}, {}
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        for cut in self.cuts:
            _, side, _, channels = self.graph.tensors[block_name(cut)].shape
            remote = export_onnx.serialise(model.remote(cut), channels, side, "int8")
            self.remotes[cut] = remote
            self.sessions[cut] = onnxruntime.InferenceSession(remote, options, ["CPUExecutionProvider"])

    def values(self, cut: int) -> np.ndarray:
        """float32 [256]: of each int8 value + 128, what the server is given."""
        tensor = self.graph.tensors[block_name(cut)]
        return (np.arange(-128, 128) - tensor.zero_point).astype(np.float32) * tensor.scale

    def symbols(self, images: torch.Tensor) -> tuple[dict[int, np.ndarray], dict[int, torch.Tensor]]:
        """uint8 images [B,S,S,3] -> of each cut the symbols [B,C,H,W], and its exit's logits
        [B,classes] as int8 values."""
        outputs = int8.run(self.graph, resized(images, self.dataset.side).long() - 128)
        symbols = {cut: (outputs[block_name(cut)] + 128).permute(0, 3, 1, 2).numpy()
                   for cut in self.cuts}
        return symbols, {cut: outputs[f"{exit_name(cut)}Logits"] for cut in self.cuts}

    def missing(self) -> dict[int, list[float]]:
        """Of each cut the mean of each channel over training images."""
        images = self.dataset.train.images[:CALIBRATION]
        sums: dict[int, np.ndarray] = {}
        for part in images.split(BATCH):
            for cut, symbols in self.symbols(part)[0].items():
                means = self.values(cut)[symbols].mean(axis=(2, 3), dtype=np.float64)
                sums[cut] = sums.get(cut, 0) + means.sum(axis=0)
        return {cut: (total / len(images)).astype(np.float32).tolist() for cut, total in sums.items()}

    def measure(self) -> tuple[dict[str, float], dict[int, float]]:
        """-> percent right of the test images by each exit, and by the server behind each cut; of each cut
        the mean LZW bytes of the first images."""
        split, right, sizes = self.dataset.test, {}, {cut: [] for cut in self.cuts}
        for begin in range(0, len(split), BATCH):
            part = slice(begin, min(begin + BATCH, len(split)))
            labels = split.labels[part].numpy()
            symbols, logits = self.symbols(split.images[part])
            for cut in self.cuts:
                for image in symbols[cut][: max(0, PAYLOADS - len(sizes[cut]))]:
                    sizes[cut].append(encoded_bytes(image.flatten().tolist(), 256))
                received = self.values(cut)[symbols[cut]]
                answer = self.sessions[cut].run(["logits"], {"features": received})[0]
                for name, found in ((exit_name(cut), logits[cut].numpy()), (f"remote{cut}", answer)):
                    right[name] = right.get(name, 0) + int((found.argmax(1) == labels).sum())
        return ({name: 100 * count / len(split) for name, count in right.items()},
                {cut: sum(found) / len(found) for cut, found in sizes.items()})

    def paths(self) -> list[dict]:
        """Of the manifest: one for each cut, with all exits that lie before it. The coder is LZW until
        `agilenn-lab fit-coder` gives it tables."""
        missing = self.missing()
        return [{
            "name": f"cut{cut}", "device": "device",
            "sends": [{"tensor": block_name(cut), "to": "features",
                       "symbols": [{"symbolOf": list(range(256)),
                                    "valueOf": [float(value) for value in self.values(cut)]}],
                       "coder": {"name": "lzw"}, "missing": missing[cut]}],
            "remote": f"remote{cut}",
            "exits": [*({"name": exit_name(other), "where": "device",
                         "tensor": f"{exit_name(other)}Logits"}
                        for other in self.cuts if other <= cut),
                      {"name": "remote", "where": "server", "tensor": "logits"}],
        } for cut in self.cuts]


def in_float(model: SPINNModel, dataset: Dataset) -> dict[str, float]:
    """Percent right of the test images before anything is quantised."""
    right = [0] * (len(model.cuts) + 1)
    for begin in range(0, len(dataset.test), BATCH):
        part = slice(begin, begin + BATCH)
        with torch.inference_mode():
            answers = model(to_float(dataset.test.images[part], dataset.side))
        for place, logits in enumerate(answers):
            right[place] += int((logits.argmax(1).cpu() == dataset.test.labels[part]).sum())
    names = [*(exit_name(cut) for cut in model.cuts), "remote"]
    return {name: 100 * count / len(dataset.test) for name, count in zip(names, right)}


def export(config, command: str, model: SPINNModel, dataset: Dataset, folder) -> dict:
    """Writes the bundle into `folder`, and returns its manifest."""
    whole = in_float(model, dataset)
    chain = Chain(model, dataset)
    found, sizes = chain.measure()
    resize = "bilinear" if dataset.side != dataset.test.images.shape[1] else "none"
    manifest = {
        "format": bundle.FORMAT, "scheme": "spinn", "dataset": config.dataset.name,
        "input": {"width": dataset.side, "height": dataset.side, "resize": resize, "fit": "stretch"},
        "graphs": {},
        "paths": chain.paths(),
        "labels": dataset.labels,
        "trained": {
            "command": command, "seed": config.seed, "backbone": config.backbone,
            "pretrained": backbone.about(config.backbone).get("pretrained") or None,
            "epochs": config.joint.epochs, "heldOut": config.heldOut,
            "accuracy": {"float": {name: round(value, 2) for name, value in whole.items()},
                         "int8": {name: round(value, 2) for name, value in found.items()}},
            "meanLzwBytes": {f"cut{cut}": round(size, 1) for cut, size in sizes.items()},
        },
    }
    device = export_tflite.serialise(chain.graph, f"{config.name}: device half")
    bundle.write_graphs(folder, {
        "device": ("device.tflite", device),
        **{f"remote{cut}": (f"remote{cut}.onnx", remote) for cut, remote in chain.remotes.items()},
    }, manifest)
    print(json.dumps(manifest["trained"], indent=2))
    return manifest
