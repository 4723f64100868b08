"""The compiled kernels against PyTorch's own operators in double precision."""

import copy

import pytest
import torch
import torch.nn.functional as F

from trainkit import fused
from trainkit.convolution import pad_same

pytestmark = pytest.mark.skipif(fused.library() is None, reason="no C++ compiler")
PRECISION = {torch.float32: 1e-6, torch.bfloat16: 4e-3}


def maps(shape, dtype):
    return torch.randn(shape).to(memory_format=torch.channels_last).to(dtype)


def near(found, wanted, dtype):
    error = float((found.detach().double() - wanted.detach()).norm() / wanted.detach().norm())
    assert error < PRECISION[dtype], error


@pytest.mark.parametrize("dtype", PRECISION)
@pytest.mark.parametrize("kernel, stride, side, channels", [
    (3, 1, 12, 32), (3, 2, 12, 48), (5, 1, 6, 32), (5, 2, 24, 16), (5, 1, 3, 16), (3, 1, 3, 16),
    (5, 2, 6, 16), (5, 2, 5, 16), (3, 2, 5, 16), (3, 1, 1, 16), (5, 1, 1, 16), (7, 1, 12, 32),
    (7, 2, 12, 16), (7, 1, 3, 16), (3, 1, 12, 24), (5, 2, 11, 40), (7, 1, 2, 5)])
def test_depthwise_convolution(dtype, kernel, stride, side, channels):
    torch.manual_seed(1)
    x, weight = maps((3, channels, side, side), dtype), torch.randn(channels, 1, kernel, kernel)
    a, b = x.clone().requires_grad_(), x.double().requires_grad_()
    v, w = weight.clone().requires_grad_(), weight.double().requires_grad_()
    found = fused.depthwise(a, v, stride)
    wanted = F.conv2d(pad_same(b, kernel, stride), w, stride=stride, groups=channels)
    upstream = torch.randn_like(wanted).to(dtype)
    found.backward(upstream)
    wanted.backward(upstream.double())
    near(found, wanted, dtype)
    near(a.grad, b.grad, dtype)
    near(v.grad, w.grad, dtype)


@pytest.mark.parametrize("dtype", PRECISION)
@pytest.mark.parametrize("bounds", [fused.RELU6, fused.RELU, fused.FREE])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(8, 24, 5, 5), (3, 40, 12, 12), (70, 16, 1, 1), (3, 5, 3, 3), (2, 8, 6, 6)])
def test_batch_norm(dtype, training, bounds, shape):
    torch.manual_seed(2)
    x = maps(shape, dtype) * 2 + 3
    ours = torch.nn.BatchNorm2d(shape[1], momentum=0.01, eps=0.001)
    torch.nn.init.normal_(ours.weight)
    torch.nn.init.normal_(ours.bias)
    torch.nn.init.uniform_(ours.running_mean, 1, 4)
    torch.nn.init.uniform_(ours.running_var, 3, 5)
    ours.train(training)
    theirs = copy.deepcopy(ours).double()
    a, b = x.clone().requires_grad_(), x.double().requires_grad_()
    found, wanted = fused.normed(a, ours, bounds), theirs(b)
    wanted = wanted.clamp(*bounds)
    upstream = torch.randn_like(wanted).to(dtype)
    found.backward(upstream)
    wanted.backward(upstream.double())
    near(found, wanted, dtype)
    near(a.grad, b.grad, dtype)
    for name in ("weight", "bias"):
        near(getattr(ours, name).grad, getattr(theirs, name).grad, dtype)
    for name in ("running_mean", "running_var"):
        near(getattr(ours, name), getattr(theirs, name), torch.float32)
    assert int(ours.num_batches_tracked) == training


def test_maps_it_is_not_made_for():
    x = maps((1, 24, 8, 8), torch.float32)
    assert fused.serves_depthwise(x, torch.zeros(24, 1, 7, 7))
    for shape in ((24, 1, 9, 9), (24, 1, 3, 5), (24, 24, 3, 3), (48, 1, 3, 3)):
        assert not fused.serves_depthwise(x, torch.zeros(shape))
    assert not fused.serves(torch.zeros(2, 16, 4, 4))
    assert not fused.serves(maps((1, 16, 8, 8), torch.float64))
