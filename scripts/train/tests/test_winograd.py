"""Winograd's convolution against the direct one, values and both gradients."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from trainkit.winograd import Winograd, pays


@pytest.mark.parametrize("shape", [(2, 3, 4, 4, 5), (3, 64, 8, 16, 70), (1, 200, 16, 12, 9)])
@pytest.mark.parametrize("memory_format", [torch.channels_last, torch.contiguous_format])
def test_equals_the_direct_convolution(shape, memory_format):
    batch, channels, height, width, outputs = shape
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(batch, channels, height, width, generator=generator, dtype=torch.float64)
    weight = torch.randn(outputs, channels, 3, 3, generator=generator, dtype=torch.float64)
    weight = weight / (9 * channels) ** 0.5
    upstream = torch.randn(batch, outputs, height, width, generator=generator,
                           dtype=torch.float64)

    x, weight = x.requires_grad_(), weight.requires_grad_()
    expected = F.conv2d(x, weight, padding=1)
    gradients = torch.autograd.grad(expected, (x, weight), upstream)

    leaf = x.detach().float().to(memory_format=memory_format).requires_grad_()
    filters = weight.detach().float().requires_grad_()
    found = Winograd.apply(leaf, filters)
    to_x, to_weight = torch.autograd.grad(found, (leaf, filters), upstream.float())
    # The transforms lose some bits: their entries reach 8 and more. Each sum is of order one.
    torch.testing.assert_close(found, expected.float(), rtol=0, atol=1e-4)
    torch.testing.assert_close(to_x, gradients[0].float(), rtol=0, atol=1e-4)
    scale = float(gradients[1].abs().max())
    torch.testing.assert_close(to_weight, gradients[1].float(), rtol=0, atol=1e-4 * scale)


def test_it_is_taken_where_it_can_be():
    x = torch.zeros(1, 64, 8, 8)
    assert pays(nn.Conv2d(64, 240, 3, padding=1, bias=False), x)
    assert not pays(nn.Conv2d(64, 240, 3, padding=1, stride=2, bias=False), x)
    assert not pays(nn.Conv2d(64, 240, 3, padding=1, bias=True), x)
    assert not pays(nn.Conv2d(64, 240, 1, bias=False), x)
    assert not pays(nn.Conv2d(64, 24, 3, padding=1, bias=False), x)
    assert not pays(nn.Conv2d(64, 240, 3, padding=1, bias=False), x[..., :6])
