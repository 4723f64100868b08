"""MobileNetV2 less its first convolution: the published remote network (Sandler and others, 2018)."""

import torch
import torch.nn.functional as F
from torch import nn

from .body import Body, Normed

# Expansion, channels, repetitions, stride of the first: the published code's table.
STAGES = ((1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
          (6, 160, 3, 2), (6, 320, 1, 1))
LAST = 1280


class Unit(Normed):
    """Convolution, batch norm, and ReLU6 where asked."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1,
                 groups: int = 1, bounded: bool = True):
        super().__init__(inputs, outputs, kernel, stride, groups)
        self.bounded = bounded

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norm(self.conv(x))
        return F.relu6(x) if self.bounded else x


class InvertedResidual(nn.Module):
    def __init__(self, inputs: int, outputs: int, expansion: int, stride: int):
        super().__init__()
        hidden = inputs * expansion
        units = [] if expansion == 1 else [Unit(inputs, hidden)]
        self.units = nn.Sequential(
            *units, Unit(hidden, hidden, 3, stride, hidden), Unit(hidden, outputs, bounded=False))
        self.skip = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.units(x)
        return x + y if self.skip else y


class SeparableAdapter(nn.Module):
    """[B,channels,side,side] -> [B,16,side/stride,side/stride]."""

    def __init__(self, channels: int, stride: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False)
        self.mix = Unit(channels, 16)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.mix(self.conv(x))


def mobile(channels: int, stride: int, classes: int) -> Body:
    """`stride`: 1 for the published form, 2 for a quarter of its work."""
    inputs, blocks = 16, []
    for expansion, outputs, count, first in STAGES:
        for position in range(count):
            blocks.append(InvertedResidual(inputs, outputs, expansion,
                                           first if position == 0 else 1))
            inputs = outputs
    trunk = nn.Sequential(*blocks, Unit(inputs, LAST))
    return Body(SeparableAdapter(channels, stride), trunk, LAST, classes)
