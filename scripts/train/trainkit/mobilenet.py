"""MobileNetV2 behind an adapter to 16x16, in the place of its first convolution, which the published
code leaves out too (Sandler and others, 2018): the published remote network in its stride-2 form."""

import torch
import torch.nn.functional as F
from torch import nn

from .body import Body, Normed, adapter

# Expansion, channels, repetitions, stride of the first: the published code's table.
STAGES = ((1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
          (6, 160, 3, 2), (6, 320, 1, 1))
FIRST, LAST = 16, 1280


class Unit(Normed):
    """Convolution, batch norm, and ReLU6 where asked."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1,
                 groups: int = 1, bounded: bool = True):
        super().__init__(inputs, outputs, kernel, stride, groups)
        self.bounded = bounded

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norm(self.convolved(x))
        return F.relu6(x) if self.bounded else x

    def convolved(self, x: torch.Tensor) -> torch.Tensor:
        conv = self.conv
        if (self.training and conv.groups == conv.in_channels and conv.kernel_size == (3, 3)
                and conv.stride == (1, 1) and x.shape[2:] == (2, 2)):
            return depthwise_of_four(x, conv.weight)
        return super().convolved(x)


def depthwise_of_four(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """The padded 3x3 depthwise convolution of x [B,C,2,2], each of the four outputs the sum of all
    four inputs by weights of their own: a sixth of the time of the convolution with its gradient."""
    batch, channels = x.shape[:2]
    windows = [weight[:, 0, 1 - i : 3 - i, 1 - j : 3 - j].reshape(channels, 4)
               for i in range(2) for j in range(2)]
    by_input = torch.stack(windows).permute(2, 0, 1)
    inputs = x.permute(0, 2, 3, 1).reshape(batch, 4, 1, channels)
    outputs = sum(inputs[:, p] * by_input[p] for p in range(4))
    return outputs.view(batch, 2, 2, channels).permute(0, 3, 1, 2)


class InvertedResidual(nn.Module):
    """Widened by `expansion`, convolved by channel, and brought to `outputs`, each by a `unit`."""

    def __init__(self, inputs: int, outputs: int, expansion: int, stride: int, kernel: int = 3,
                 unit: type[Unit] = Unit):
        super().__init__()
        hidden = inputs * expansion
        units = [] if expansion == 1 else [unit(inputs, hidden)]
        self.units = nn.Sequential(
            *units, unit(hidden, hidden, kernel, stride, hidden), unit(hidden, outputs, bounded=False))
        self.skip = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.units(x)
        return x + y if self.skip else y


def trunk() -> nn.Sequential:
    """[B,16,16,16] -> [B,1280,2,2]."""
    inputs, blocks = FIRST, []
    for expansion, outputs, count, first in STAGES:
        for position in range(count):
            blocks.append(InvertedResidual(inputs, outputs, expansion,
                                           first if position == 0 else 1))
            inputs = outputs
    return nn.Sequential(*blocks, Unit(inputs, LAST))


def mobile(channels: int, side: int, classes: int) -> Body:
    """[B,channels,side,side] -> logits [B,classes]."""
    return Body(adapter(channels, side, FIRST), trunk(), LAST, classes)
