"""The convolution that the device half is made of."""

import torch
import torch.nn.functional as F
from torch import nn

ACTIVATIONS = {"NONE": lambda x: x, "RELU": F.relu, "RELU6": F.relu6}


class DeviceConvolution(nn.Module):
    """A square convolution as the int8 graph will hold it: TensorFlow's SAME padding, a batch norm
    that is folded when it is exported (or a bias, or neither), and a fused activation.

    `depthwise`: one filter for each channel; `outputs` is then the number of inputs.
    """

    def __init__(self, name: str, inputs: int, outputs: int, kernel: int, stride: int = 1,
                 activation: str = "NONE", depthwise: bool = False, norm: bool = True,
                 bias: bool = False):
        super().__init__()
        self.name, self.stride, self.activation = name, stride, activation
        self.depthwise = depthwise
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, bias=bias,
                              groups=inputs if depthwise else 1)
        self.norm = nn.BatchNorm2d(outputs) if norm else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(pad_same(x, self.conv.kernel_size[0], self.stride))
        if self.norm is not None:
            x = self.norm(x)
        return ACTIVATIONS[self.activation](x)


def pad_same(x: torch.Tensor, kernel: int, stride: int) -> torch.Tensor:
    """TensorFlow's SAME for square images: as little as gives ceil(side / stride) outputs, the odd
    row and column at the end."""
    # A number, not a part of a traced graph: ONNX's quotients of negative numbers are other ones.
    side = int(x.shape[-1])
    total = max(0, (-(-side // stride) - 1) * stride + kernel - side)
    before = total // 2
    return F.pad(x, (before, total - before) * 2) if total else x
