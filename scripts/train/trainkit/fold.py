"""Batch norm folded into the convolution before it: W' = W * s, b' = beta - mean * s."""

import copy

import torch
from torch import nn

from .body import Block, Body, Normed


def scale_and_shift(norm: nn.BatchNorm2d) -> tuple[torch.Tensor, torch.Tensor]:
    """What a batch norm in evaluation mode multiplies by, and then adds: float64 [C] each."""
    scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    return scale, norm.bias.double() - norm.running_mean.double() * scale


def folded(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[torch.Tensor, torch.Tensor]:
    """-> weight, bias in float32, computed in float64."""
    scale, bias = scale_and_shift(norm)
    weight = conv.weight.double() * scale[:, None, None, None]
    if conv.bias is not None:
        bias = bias + conv.bias.double() * scale
    return weight.float().detach(), bias.float().detach()


def folded_conv(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Conv2d:
    weight, bias = folded(conv, norm)
    result = nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride,
                       conv.padding, groups=conv.groups, bias=True)
    with torch.no_grad():
        result.weight.copy_(weight)
        result.bias.copy_(bias)
    return result


class Affine(nn.Module):
    """A batch norm that a pool keeps apart from its convolution, for its scale may be negative."""

    def __init__(self, norm: nn.BatchNorm2d):
        super().__init__()
        scale, shift = scale_and_shift(norm)
        self.scale = nn.Parameter(scale.float().detach()[:, None, None])
        self.shift = nn.Parameter(shift.float().detach()[:, None, None])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.scale + self.shift


def folded_body(body: Body) -> Body:
    """A copy without batch norm, frozen, in evaluation mode."""
    result = copy.deepcopy(body)
    for module in result.modules():
        if isinstance(module, Block) and module.pool:
            module.norm = Affine(module.norm)
        elif isinstance(module, Normed):
            module.conv, module.norm = folded_conv(module.conv, module.norm), nn.Identity()
    for parameter in result.parameters():
        parameter.requires_grad_(False)
    return result.eval().to(memory_format=torch.channels_last)
