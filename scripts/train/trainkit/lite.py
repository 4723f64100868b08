"""EfficientNet-Lite0 (Tan and Le, 2019, as TensorFlow's authors adapted it for quantisation): no
squeeze-and-excite, ReLU6 throughout, and so piecewise linear in evaluation mode.

Its stem is the adapter of a `Body`, so that other features can take its place. Images are scaled up to
the side it works at; its padding is TensorFlow's, odd rows and columns at the end.
"""

import torch
import torch.nn.functional as F
from torch import nn

from . import fused
from .body import Body
from .convolution import pad_same
from .mobilenet import InvertedResidual, Unit

# Expansion, kernel, channels, repetitions, stride of the first. The first and the last count are
# Lite0's as B0's.
STAGES = ((1, 3, 16, 1, 1), (6, 3, 24, 2, 2), (6, 5, 40, 2, 2), (6, 3, 80, 3, 2), (6, 5, 112, 3, 1),
          (6, 5, 192, 4, 2), (6, 3, 320, 1, 1))
STEM, LAST = 32, 1280
# Blocks whose maps are a half or a quarter of the image's side.
EARLY = 2
# What images may be scaled to.
SIDES = range(32, 225, 32)
EPSILON, MOMENTUM = 0.001, 0.01


class LiteUnit(Unit):
    """A unit with TensorFlow's padding and its batch norm's constants."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.norm.eps, self.norm.momentum = EPSILON, MOMENTUM
        # Whether it trains in evaluation mode: by its norm's running figures, the quick way all the same.
        self.steady = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        trains = self.training or self.steady and torch.is_grad_enabled()
        if trains and isinstance(self.norm, nn.BatchNorm2d) and fused.serves(x):
            return self.quickly(x, self.steady)
        return super().forward(x)

    def settled(self, x: torch.Tensor) -> torch.Tensor:
        """What evaluation mode gives, where training goes on behind it."""
        if not (self.training and fused.serves(x)):
            return super(LiteUnit, self.eval()).forward(x)
        return self.quickly(x, steady=True)

    def quickly(self, x: torch.Tensor, steady: bool) -> torch.Tensor:
        """The same with bfloat16 maps, which halve what goes through memory."""
        bounds = fused.RELU6 if self.bounded else fused.FREE
        return fused.normed(self.quick_convolved(x.bfloat16()), self.norm, bounds, steady)

    def quick_convolved(self, x: torch.Tensor) -> torch.Tensor:
        conv = self.conv
        if fused.serves_depthwise(x, conv.weight):
            return fused.depthwise(x, conv.weight, conv.stride[0])
        weight = conv.weight.bfloat16()
        if conv.kernel_size == (1, 1):
            return F.linear(x.permute(0, 2, 3, 1), weight[:, :, 0, 0]).permute(0, 3, 1, 2)
        padded = pad_same(x, conv.kernel_size[0], conv.stride[0])
        return F.conv2d(padded, weight, None, conv.stride, groups=conv.groups)

    def convolved(self, x: torch.Tensor) -> torch.Tensor:
        conv = self.conv
        if conv.stride == (1, 1):
            return conv(x)
        padded = pad_same(x, conv.kernel_size[0], conv.stride[0])
        return F.conv2d(padded, conv.weight, conv.bias, conv.stride, groups=conv.groups)


class Scaled(nn.Module):
    """Images in [0,1] -> bilinearly scaled to `side`, in the range that ImageNet's weights expect."""

    def __init__(self, side: int):
        super().__init__()
        self.side = side

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if images.shape[-1] != self.side:
            images = F.interpolate(images, (self.side, self.side), mode="bilinear")
        return images * (255 / 128) - 127 / 128


class Single(nn.Module):
    """Maps of the quick way back in single precision."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.float() if x.dtype == torch.bfloat16 else x


def trunk() -> nn.Sequential:
    """[B,32,S,S] -> [B,1280,S/16,S/16]."""
    inputs, blocks = STEM, []
    for expansion, kernel, outputs, count, first in STAGES:
        for position in range(count):
            stride = first if position == 0 else 1
            blocks.append(InvertedResidual(inputs, outputs, expansion, stride, kernel, LiteUnit))
            inputs = outputs
    return nn.Sequential(*blocks, LiteUnit(inputs, LAST), Single())


def settle(body: Body, blocks: int = EARLY) -> nn.Sequential:
    """From here on the stem and the first blocks stay as they are, which saves a part of each step:
    much of its memory is theirs. -> these layers."""
    early = nn.Sequential(body.adapter, *body.trunk[:blocks])
    early.requires_grad_(False)
    for unit in early.modules():
        if isinstance(unit, LiteUnit):
            unit.forward = unit.settled
    return early


def train_steadily(trunk: nn.Module) -> None:
    """The trunk will train in evaluation mode, by its norms' running figures: inputs of many kinds do
    not mix in them."""
    for unit in trunk.modules():
        if isinstance(unit, LiteUnit):
            unit.steady = True


def lite(side: int, classes: int) -> Body:
    """[B,3,any,any] -> logits [B,classes], untrained; `side`: what images are scaled to, a multiple
    of 32."""
    stem = nn.Sequential(Scaled(side), LiteUnit(3, STEM, 3, 2))
    return Body(stem, trunk(), LAST, classes)
