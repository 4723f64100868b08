"""What brings features into a pre-trained trunk, in the place of its first layers.

In the place of the stem two convolutions do: it is little more than linear. A Lite0 spends half of its time
on the stem and the two blocks behind it, at a half and a quarter of its image's side; an entry of four plain
convolutions may go straight to the maps that these give, which takes much longer to learn.
"""

import torch
import torch.nn.functional as F
from torch import nn

from . import fused
from .body import Normed
from .errors import UserError


HOLD = {fused.RELU: F.relu, fused.RELU6: F.relu6, fused.FREE: lambda x: x}


class Step(Normed):
    """Convolution, batch norm, what holds it within `bounds`; then `factor` squared channels become
    pixels, or a skip around all if asked. While it trains its maps are bfloat16: on processors with matrix units a
    fifth of the time."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, factor: int = 1,
                 skip: bool = False, bounds: tuple[float, float] = fused.RELU):
        super().__init__(inputs, factor * factor * outputs, kernel)
        self.factor, self.skip, self.bounds = factor, skip, bounds

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.training and torch.is_grad_enabled() and fused.serves(x):
            x = x.bfloat16()
            y = F.conv2d(x, self.conv.weight.bfloat16(), None, 1, self.conv.padding)
            y = fused.normed(y, self.norm, self.bounds)
        else:
            y = HOLD[self.bounds](self.norm(self.conv(x)))
        if self.factor > 1:
            y = F.pixel_shuffle(y, self.factor).contiguous(memory_format=torch.channels_last)
        return x + y if self.skip else y


def entry(channels: int, side: int, width: int, outputs: int, out_side: int,
          blocks: int) -> nn.Sequential:
    """[B,channels,side,side] -> [B,outputs,out_side,out_side]; `out_side`: a multiple of `side`;
    `blocks`: how many it replaces, besides the stem."""
    factor, rest = divmod(out_side, side)
    if rest or not factor:
        raise UserError(f"no entry brings features of {side}x{side} to {out_side}x{out_side}")
    if blocks == 0:
        return nn.Sequential(Step(channels, width, factor=factor),
                             Step(width, outputs, bounds=fused.RELU6))
    return nn.Sequential(Step(channels, width, factor=factor), Step(width, width, skip=True),
                         Step(width, width, skip=True), Step(width, outputs, 1, bounds=fused.FREE))
