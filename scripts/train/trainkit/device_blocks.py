"""Inverted residual blocks as the device computes them: folded, in float for their ranges, and as calls of a
`GraphBuilder`."""

from dataclasses import dataclass

import torch

from .fold import folded
from .graph_builder import Convolution, GraphBuilder
from .mobilenet import InvertedResidual, Unit


def convolution(unit: Unit, name: str) -> Convolution:
    """A unit with its batch norm folded."""
    weight, bias = folded(unit.conv, unit.norm)
    return Convolution(name, weight, bias, unit.conv.stride[0], "RELU6" if unit.bounded else "NONE",
                       unit.conv.groups > 1)


@dataclass
class DeviceBlock:
    """[B,inputs,S,S] -> [B,outputs,S/stride,S/stride]. Its layers are called `name/widen` (absent without an
    expansion), `name/space` and `name/narrow`; with a `skip` its output is `name/sum`, else the last
    layer's."""

    name: str
    layers: list[Convolution]
    skip: bool

    @classmethod
    def of(cls, block: InvertedResidual, name: str) -> "DeviceBlock":
        parts = ("widen", "space", "narrow")[-len(block.units):]
        layers = [convolution(unit, f"{name}/{part}")
                  for unit, part in zip(block.units, parts, strict=True)]
        return cls(name, layers, block.skip)

    def activations(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        """Every activation by the name of its tensor; the last is the block's output."""
        found, y = {}, x
        for layer in self.layers:
            found[layer.name] = y = layer(y)
        if self.skip:
            found[f"{self.name}/sum"] = x + y
        return found

    def put(self, builder: GraphBuilder, source: str) -> str:
        """-> the name of the output."""
        current = source
        for layer in self.layers:
            current = builder.convolve(layer, current)
        return builder.add(source, current, f"{self.name}/sum") if self.skip else current
