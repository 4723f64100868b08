"""An MCUNet as a bundle: one int8 graph that answers on the device."""

import json

import torch

from . import backbone, bundle, evaluate, export_tflite, int8
from .body import Body
from .data import Dataset, to_float
from .device_blocks import DeviceBlock, convolution
from .graph import Graph
from .graph_builder import GraphBuilder
from .mobilenet import InvertedResidual, Unit
from .ranges import Ranges
from .resize import resized

CALIBRATION, BATCH = 1000, 125
POOLED, LOGITS = "pooled", "localLogits"


class WholeNetwork:
    """The network in float, batch norm folded."""

    def __init__(self, body: Body):
        blocks = [layer for layer in body.trunk if isinstance(layer, InvertedResidual)]
        self.stem = convolution(body.adapter, "stem")
        self.blocks = [DeviceBlock.of(block, f"block{i}") for i, block in enumerate(blocks)]
        # One, or none.
        self.heads = [convolution(layer, "head") for layer in body.trunk if isinstance(layer, Unit)]
        self.dense = body.dense.weight.detach(), body.dense.bias.detach()

    def lay(self, tools, image) -> None:
        """`tools`: a `GraphBuilder` or `Ranges`; `image`: as they have it."""
        x = tools.convolve(self.stem, image)
        for block in self.blocks:
            x = block.lay(tools, x)
        for head in self.heads:
            x = tools.convolve(head, x)
        tools.dense(*self.dense, tools.mean(x, POOLED), LOGITS, "classify")


def device_graph(body: Body, dataset: Dataset) -> Graph:
    """int8 image -> `localLogits` [1,classes], with ranges as training images have them."""
    network, ranges = WholeNetwork(body), Ranges()
    with torch.inference_mode():
        for images in dataset.train.images[:CALIBRATION].split(BATCH):
            network.lay(ranges, to_float(images, dataset.side))
    builder = GraphBuilder(ranges.found, dataset.side, [LOGITS])
    network.lay(builder, "image")
    return builder.graph


def answers(graph: Graph, images: torch.Tensor, side: int) -> torch.Tensor:
    """uint8 [N,S,S,3] -> the classes that the device gives [N]."""
    parts = [int8.run(graph, resized(part, side).long() - 128)[LOGITS].argmax(1)
             for part in images.split(BATCH)]
    return torch.cat(parts)


def export(config, command: str, body: Body, dataset: Dataset, folder) -> dict:
    """Writes the bundle into `folder`, and returns its manifest."""
    graph, test = device_graph(body, dataset), dataset.test
    right = answers(graph, test.images, dataset.side) == test.labels
    is_scaled = dataset.side != test.images.shape[1]
    manifest = {
        "format": bundle.FORMAT, "scheme": "mcunet", "dataset": config.dataset.name,
        "input": {"width": dataset.side, "height": dataset.side,
                  "resize": "bilinear" if is_scaled else "none", "fit": "stretch"},
        "graphs": {},
        "paths": [{"name": "local", "device": "device",
                   "exits": [{"name": "local", "where": "device", "tensor": LOGITS}]}],
        "labels": dataset.labels,
        "trained": {
            "command": command, "seed": config.seed, "backbone": config.backbone, "pretrained": None,
            "epochs": config.training.epochs, "heldOut": config.heldOut,
            "accuracy": {"float": {"local": round(evaluate.accuracy(body, dataset), 2)},
                         "int8": {"local": round(100 * float(right.float().mean()), 2)}},
        },
    }
    bundle.write(folder, export_tflite.serialise(graph, f"{config.name}: the whole network"), None, manifest)
    print(json.dumps(manifest["trained"], indent=2))
    return manifest
