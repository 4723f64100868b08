"""The body that the reference network and the remote network share, for features of any geometry.

An adapter brings what comes in to `widths[0]` channels at 32x32; the trunk behind it is the same
for images, features and every extractor, so that one trained trunk starts them all. Plain 3x3
convolutions, for the CPU that trains and serves them. Piecewise linear in evaluation mode, which
`attribution` relies on.
"""

import torch
import torch.nn.functional as F
from torch import nn

SIDE = 32


class Normed(nn.Module):
    """What has a convolution `conv` whose output's scale a batch norm `norm` makes free."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups,
                              bias=False)
        self.norm = nn.BatchNorm2d(outputs)


class Block(Normed):
    """Convolution, 2x2 max pool if asked for, batch norm, ReLU; with a skip around all if asked."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1,
                 pool: bool = False, skip: bool = False):
        super().__init__(inputs, outputs, kernel, stride)
        self.pool, self.skip = pool, skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.conv(x)
        if self.pool:
            y = F.max_pool2d(y, 2)
        y = F.relu(self.norm(y))
        return x + y if self.skip else y


class Unfold(Normed):
    """[B,C,H,W] -> [B,outputs,factor H,factor W]: a 3x3 convolution whose channels become pixels."""

    def __init__(self, inputs: int, outputs: int, factor: int):
        super().__init__(inputs, factor * factor * outputs, 3)
        self.factor = factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.pixel_shuffle(F.relu(self.norm(self.conv(x))), self.factor)


def adapter(channels: int, side: int, width: int) -> nn.Module:
    """Whatever brings [B,channels,side,side] to [B,width,32,32]: images of 32x32 or 64x64, or features
    of 32x32, 16x16 or 8x8."""
    if side == 2 * SIDE:
        return Block(channels, width, kernel=4, stride=2)
    if side == SIDE:
        return Block(channels, width)
    if side in (SIDE // 2, SIDE // 4):
        return Unfold(channels, width, SIDE // side)
    raise ValueError(f"no adapter for {channels}x{side}x{side}")


def trunk(widths: list[int]) -> nn.Sequential:
    """[B,widths[0],32,32] -> [B,widths[-1],4,4] for four widths: for each further width a
    convolution with a pool and one with a skip, and at the end another with a skip."""
    blocks = []
    for before, width in zip(widths, widths[1:]):
        blocks += [Block(before, width, pool=True), Block(width, width, skip=True)]
    return nn.Sequential(*blocks, Block(widths[-1], widths[-1], skip=True))


class Body(nn.Module):
    """[B,channels,side,side] -> logits [B,classes]."""

    def __init__(self, adapter: nn.Module, trunk: nn.Module, width: int, classes: int):
        super().__init__()
        self.adapter, self.trunk = adapter, trunk
        self.dense = nn.Linear(width, classes)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.dense(self.trunk(self.adapter(features)).mean(dim=(2, 3)))


def plain(channels: int, side: int, widths: list[int], classes: int) -> Body:
    return Body(adapter(channels, side, widths[0]), trunk(widths), widths[-1], classes)
