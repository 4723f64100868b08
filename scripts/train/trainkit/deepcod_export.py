"""A DeepCOD model as a bundle: encoder, tables, decoder and network."""

import json

import numpy as np
import onnxruntime
import torch

from . import backbone, bundle, export_onnx, export_tflite, int8
from .data import Dataset, to_float
from .deepcod import DeepCODModel
from .graph import Graph
from .graph_builder import Convolution, GraphBuilder
from .lzw import encoded_bytes

CALIBRATION, BATCH, PAYLOADS = 1000, 250, 1000


def device_graph(model: DeepCODModel, dataset: Dataset) -> Graph:
    """int8 image -> `features` [1,H,W,C]."""
    layer, low, high = Convolution.of(model.encoder), 0.0, 0.0
    with torch.inference_mode():
        for images in dataset.train.images[:CALIBRATION].split(BATCH):
            values = layer(to_float(images, dataset.side))
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    builder = GraphBuilder({layer.name: (low, high)}, dataset.side, [layer.name])
    builder.convolve(layer, "image")
    return builder.graph


def accuracy(graph: Graph, remote: bytes, symbol_of: list[int], value_of: list[float],
             dataset: Dataset) -> tuple[float, float]:
    """Percent right of the chain that runs in the field, and the mean LZW bytes of the first images."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(remote, options, ["CPUExecutionProvider"])
    split, right, sizes = dataset.test, 0, []
    symbols_by_value, values = torch.tensor(symbol_of), np.array(value_of, np.float32)
    for begin in range(0, len(split), BATCH):
        part = slice(begin, min(begin + BATCH, len(split)))
        features = int8.run(graph, split.images[part].long() - 128)["features"]
        symbols = symbols_by_value[features + 128].permute(0, 3, 1, 2).numpy()
        for image in symbols[: max(0, PAYLOADS - len(sizes))]:
            sizes.append(encoded_bytes(image.flatten().tolist(), len(value_of)))
        logits = session.run(["logits"], {"features": values[symbols]})[0]
        right += int((logits.argmax(1) == split.labels[part].numpy()).sum())
    return 100 * right / len(split), sum(sizes) / len(sizes)


def export(config, command: str, model: DeepCODModel, dataset: Dataset, folder) -> dict:
    """Writes the bundle into `folder`, and returns its manifest."""
    graph = device_graph(model, dataset)
    symbol_of, value_of = bundle.symbol_tables(graph, model.quantiser.centres)
    height, _, channels = graph.tensors["features"].shape[1:]
    remote = export_onnx.serialise(model.remote(), channels, height, "int8")
    percent, size = accuracy(graph, remote, symbol_of, value_of, dataset)
    manifest = {
        "format": bundle.FORMAT, "scheme": "deepcod", "dataset": config.dataset.name,
        "input": {"width": dataset.side, "height": dataset.side, "resize": "none", "fit": "stretch"},
        "graphs": {},
        "paths": [{
            "name": "offload", "device": "device",
            "sends": [{"tensor": "features", "to": "features",
                       "symbols": [{"symbolOf": symbol_of, "valueOf": value_of}],
                       "coder": {"name": "lzw"}, "missing": [0.0]}],
            "remote": "remote",
            "exits": [{"name": "remote", "where": "server", "tensor": "logits"}]}],
        "labels": dataset.labels,
        "trained": {
            "command": command, "seed": config.seed, "backbone": config.backbone,
            "pretrained": backbone.about(config.backbone).get("pretrained") or None,
            "epochs": config.joint.epochs, "heldOut": config.heldOut,
            "accuracy": {"int8": {"remote": round(percent, 2)}},
            "meanLzwBytes": round(size, 1),
        },
    }
    device = export_tflite.serialise(graph, f"{config.name}: encoder")
    bundle.write(folder, device, remote, manifest)
    print(json.dumps(manifest["trained"], indent=2))
    return manifest
