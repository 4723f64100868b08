"""Inverted residual blocks as the device computes them: batch norm folded, laid by a `GraphBuilder` or by
`Ranges`."""

from dataclasses import dataclass

from .fold import folded
from .graph_builder import Convolution
from .mobilenet import InvertedResidual, Unit


def convolution(unit: Unit, name: str) -> Convolution:
    """A unit with its batch norm folded."""
    weight, bias = folded(unit.conv, unit.norm)
    return Convolution(name, weight, bias, unit.conv.stride[0], "RELU6" if unit.bounded else "NONE",
                       unit.conv.groups > 1)


@dataclass
class DeviceBlock:
    """[B,inputs,S,S] -> [B,outputs,S/stride,S/stride]. Its layers are called `name/widen` (absent without an
    expansion), `name/space` and `name`; with a `skip` the last is `name/narrow`, and the sum is `name`."""

    name: str
    layers: list[Convolution]
    skip: bool

    @classmethod
    def of(cls, block: InvertedResidual, name: str) -> "DeviceBlock":
        last = f"{name}/narrow" if block.skip else name
        parts = (f"{name}/widen", f"{name}/space", last)[-len(block.units):]
        return cls(name, [convolution(unit, part)
                          for unit, part in zip(block.units, parts, strict=True)], block.skip)

    def lay(self, tools, source):
        """-> the block's output, as the tools have it."""
        current = source
        for layer in self.layers:
            current = tools.convolve(layer, current)
        return tools.add(source, current, self.name) if self.skip else current
