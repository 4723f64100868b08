"""What brings features into a pre-trained trunk, in the place of its first layers.

A Lite0 spends half of its time on the stem and the two blocks behind it, at a half and a quarter of its
image's side, on what a picture of 32x32 scaled up does not hold. An entry of plain convolutions goes
from the features straight to the maps that these layers give, which it learns to match.
"""

import torch
import torch.nn.functional as F
from torch import nn

from . import fused
from .body import Normed
from .errors import UserError


class Step(Normed):
    """Convolution, batch norm, ReLU unless `linear`; then `factor` squared channels become pixels, or a
    skip around all if asked. While it trains its maps are bfloat16: on processors with matrix units a
    fifth of the time."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, factor: int = 1,
                 skip: bool = False, linear: bool = False):
        super().__init__(inputs, factor * factor * outputs, kernel)
        self.factor, self.skip, self.linear = factor, skip, linear

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.training and torch.is_grad_enabled() and fused.serves(x):
            x = x.bfloat16()
            y = F.conv2d(x, self.conv.weight.bfloat16(), None, 1, self.conv.padding)
            y = fused.normed(y, self.norm, fused.FREE if self.linear else fused.RELU)
        else:
            y = self.norm(self.conv(x))
            y = y if self.linear else F.relu(y)
        if self.factor > 1:
            y = F.pixel_shuffle(y, self.factor).contiguous(memory_format=torch.channels_last)
        return x + y if self.skip else y


def entry(channels: int, side: int, width: int, outputs: int, out_side: int) -> nn.Sequential:
    """[B,channels,side,side] -> [B,outputs,out_side,out_side]; `out_side`: a multiple of `side`."""
    factor, rest = divmod(out_side, side)
    if rest or not factor:
        raise UserError(f"no entry brings features of {side}x{side} to {out_side}x{out_side}")
    return nn.Sequential(Step(channels, width, factor=factor), Step(width, width, skip=True),
                         Step(width, width, skip=True), Step(width, outputs, 1, linear=True))
