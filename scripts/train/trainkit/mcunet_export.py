"""An MCUNet as a bundle: one int8 graph that answers on the device."""

import json
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from . import backbone, bundle, evaluate, export_tflite, int8
from .body import Body
from .data import Dataset, to_float
from .device_blocks import DeviceBlock, convolution
from .graph import Graph
from .graph_builder import Convolution, GraphBuilder
from .mobilenet import InvertedResidual, Unit
from .resize import resized

CALIBRATION, BATCH = 1000, 125
POOLED, LOGITS = "pooled", "localLogits"


@dataclass
class DeviceNetwork:
    """The network in float, batch norm folded. `head`: a convolution, or none."""

    stem: Convolution
    blocks: list[DeviceBlock]
    head: Convolution | None
    dense_weight: torch.Tensor
    dense_bias: torch.Tensor

    @classmethod
    def of(cls, body: Body) -> "DeviceNetwork":
        blocks = [layer for layer in body.trunk if isinstance(layer, InvertedResidual)]
        heads = [convolution(layer, "head") for layer in body.trunk if isinstance(layer, Unit)]
        return cls(convolution(body.adapter, "stem"),
                   [DeviceBlock.of(block, f"block{i}") for i, block in enumerate(blocks)],
                   heads[0] if heads else None,
                   body.dense.weight.detach(), body.dense.bias.detach())

    def activations(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        """Every activation by the name of its tensor."""
        x = self.stem(images)
        found = {"stem": x}
        for block in self.blocks:
            found |= block.activations(x)
            x = found[next(reversed(found))]
        if self.head:
            found["head"] = x = self.head(x)
        found[POOLED] = x = x.mean(dim=(2, 3))
        found[LOGITS] = F.linear(x, self.dense_weight, self.dense_bias)
        return found

    def graph(self, ranges: dict[str, tuple[float, float]], side: int) -> Graph:
        """int8 image [1,side,side,3] -> `localLogits` [1,classes]."""
        builder = GraphBuilder(ranges, side, [LOGITS])
        current = builder.convolve(self.stem, "image")
        for block in self.blocks:
            current = block.put(builder, current)
        if self.head:
            current = builder.convolve(self.head, current)
        current = builder.mean(current, POOLED)
        builder.dense(self.dense_weight, self.dense_bias, current, LOGITS, "classify")
        return builder.graph


def device_graph(body: Body, dataset: Dataset) -> Graph:
    """With ranges as training images have them."""
    network, found = DeviceNetwork.of(body), {}
    with torch.inference_mode():
        for images in dataset.train.images[:CALIBRATION].split(BATCH):
            for name, value in network.activations(to_float(images, dataset.side)).items():
                low, high = found.get(name, (0.0, 0.0))
                found[name] = (min(low, float(value.min())), max(high, float(value.max())))
    return network.graph(found, dataset.side)


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
