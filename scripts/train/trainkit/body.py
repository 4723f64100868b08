"""The body that the reference network and the remote network share, for features of any geometry.

An adapter brings what comes in to `widths[0]` channels at 16x16; the trunk behind it is the same
for images, features and every extractor, so that one trained trunk starts them all. Plain 3x3
convolutions, for the CPU that trains and serves them. Piecewise linear in evaluation mode, which
`attribution` relies on.
"""

import torch
import torch.nn.functional as F
from torch import nn

from .errors import UserError
from .winograd import Winograd, pays

SIDE = 16
# Channels of an image's first convolution.
FIRST = 24


class Normed(nn.Module):
    """What has a convolution `conv` whose output's scale a batch norm `norm` makes free."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups,
                              bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def convolved(self, x: torch.Tensor) -> torch.Tensor:
        """`conv` of x, the fast way while it trains."""
        if self.training and pays(self.conv, x):
            return Winograd.apply(x, self.conv.weight)
        return self.conv(x)


class Block(Normed):
    """Convolution, 2x2 max pool if asked for, batch norm, ReLU; with a skip around all if asked."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1,
                 pool: bool = False, skip: bool = False):
        super().__init__(inputs, outputs, kernel, stride)
        self.pool, self.skip = pool, skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.convolved(x)
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


def adapter(channels: int, side: int, width: int) -> nn.Sequential:
    """Whatever brings [B,channels,side,side] to [B,width,16,16] in two convolutions: images of 64x64
    or 32x32, or features of 32x32, 16x16 or 8x8."""
    if side == 4 * SIDE:
        return nn.Sequential(Block(channels, FIRST, kernel=4, stride=2),
                             Block(FIRST, width, pool=True))
    if side == 2 * SIDE:
        return nn.Sequential(Block(channels, FIRST), Block(FIRST, width, pool=True))
    if side == SIDE:
        return nn.Sequential(Block(channels, width), Block(width, width))
    if side == SIDE // 2:
        return nn.Sequential(Unfold(channels, width, 2), Block(width, width))
    raise UserError(f"no adapter brings features of {side}x{side} to {SIDE}x{SIDE}: 8, 16, 32 and 64 can be")


def trunk(widths: list[int]) -> nn.Sequential:
    """[B,widths[0],16,16] -> [B,widths[-1],4,4] for three widths: a convolution with a skip, and
    for each further width one with a pool and one with a skip."""
    blocks = [Block(widths[0], widths[0], skip=True)]
    for before, width in zip(widths, widths[1:]):
        blocks += [Block(before, width, pool=True), Block(width, width, skip=True)]
    return nn.Sequential(*blocks)


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
