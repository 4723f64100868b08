"""Batch norm folded into the convolution before it: W' = W * s, b' = beta - mean * s."""

import copy

import torch
from torch import nn

from .model import Block, Body


def folded(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> tuple[torch.Tensor, torch.Tensor]:
    """-> weight, bias in float32, computed in float64."""
    scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    weight = conv.weight.double() * scale[:, None, None, None]
    bias = norm.bias.double() - norm.running_mean.double() * scale
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


def folded_body(body: Body) -> Body:
    """A copy without batch norm, frozen, in evaluation mode."""
    result = copy.deepcopy(body)
    for block in result.modules():
        if isinstance(block, Block):
            block.conv, block.norm = folded_conv(block.conv, block.norm), nn.Identity()
    for parameter in result.parameters():
        parameter.requires_grad_(False)
    return result.eval().to(memory_format=torch.channels_last)
