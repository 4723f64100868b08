"""Depthwise convolutions, and batch norm with ReLU6, at a fraction of PyTorch's time on a CPU: see
fused.cpp, which is compiled for this processor the first time. Without a C++ compiler, on a GPU, in runs of
several processes, and for sizes that it is not made for PyTorch's own serve.
"""

import ctypes
import functools
import hashlib
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

from . import commandline, distributed, files

SOURCE = Path(__file__).with_name("fused.cpp")
FLAGS = ("-O3", "-march=native", "-ffast-math", "-fno-finite-math-only",
         "-mprefer-vector-width=512", "-shared", "-fPIC", "-std=c++17")
LANES = 16
RELU, RELU6, FREE = (0.0, math.inf), (0.0, 6.0), (-math.inf, math.inf)
LAST = torch.channels_last


@functools.cache
def library() -> ctypes.CDLL | None:
    """The compiled kernels, or None where they cannot be had."""
    compiler = shutil.which("g++")
    if compiler is None or sys.platform != "linux":
        return None
    source = SOURCE.read_bytes()
    processor = Path("/proc/cpuinfo").read_text().partition("\n\n")[0]
    flags = next((line for line in processor.splitlines() if line.startswith("flags")), "")
    digest = hashlib.sha256(source + flags.encode() + " ".join(FLAGS).encode()).hexdigest()[:16]
    path = commandline.CACHE / "kernels" / f"fused-{digest}.so"
    if not path.is_file():
        files.check_writable(path.parent)
        part = path.with_suffix(f".{os.getpid()}.part")
        done = subprocess.run([compiler, *FLAGS, "-o", str(part), str(SOURCE)], capture_output=True)
        if done.returncode:
            return None
        os.replace(part, path)
    return ctypes.CDLL(str(path))


def serves(x: torch.Tensor) -> bool:
    """Whether maps like `x` can go through the kernels."""
    return (x.device.type == "cpu" and x.dtype in (torch.float32, torch.bfloat16)
            and x.is_contiguous(memory_format=LAST) and distributed.size() == 1
            and library() is not None)


def serves_depthwise(x: torch.Tensor, weight: torch.Tensor) -> bool:
    return (weight.shape[0] == x.shape[1] and weight.shape[1] == 1
            and weight.shape[2:] in ((3, 3), (5, 5), (7, 7)) and serves(x))


def _at(tensor: torch.Tensor) -> ctypes.c_void_p:
    return ctypes.c_void_p(tensor.data_ptr())


def _half(x: torch.Tensor) -> ctypes.c_bool:
    return ctypes.c_bool(x.dtype == torch.bfloat16)


def _sizes(x: torch.Tensor, kernel: int, stride: int):
    batch, channels, height, width = x.shape
    out = [-(-side // stride) for side in (height, width)]
    before = max(0, (out[0] - 1) * stride + kernel - height) // 2
    return (ctypes.c_long * 8)(batch, height, width, channels, stride, before, *out), out


class Depthwise(torch.autograd.Function):
    """x [B,C,S,S], weight [C,1,K,K] -> [B,C,S/stride,S/stride], with TensorFlow's SAME padding; C: a multiple
    of `LANES`."""

    @staticmethod
    def forward(context, x, weight, stride):
        kernel = weight.shape[-1]
        sizes, out = _sizes(x, kernel, stride)
        taps = weight.reshape(len(weight), -1).t().contiguous()
        y = torch.empty((len(x), x.shape[1], *out), dtype=x.dtype, memory_format=LAST)
        library().depthwise_forward(_half(x), _at(x), _at(taps), _at(y), ctypes.c_long(kernel), sizes)
        context.save_for_backward(x, taps)
        context.stride, context.kernel = stride, kernel
        return y

    @staticmethod
    def backward(context, gradient):
        x, taps = context.saved_tensors
        sizes, _ = _sizes(x, context.kernel, context.stride)
        gradient = gradient.contiguous(memory_format=LAST)
        by_input, by_taps = torch.empty_like(x), torch.empty_like(taps)
        library().depthwise_backward(_half(x), _at(gradient), _at(x), _at(taps), _at(by_input), _at(by_taps),
                                     ctypes.c_long(context.kernel), sizes)
        return by_input, by_taps.t().reshape(-1, 1, context.kernel, context.kernel), None


def depthwise(x: torch.Tensor, weight: torch.Tensor, stride: int) -> torch.Tensor:
    """`Depthwise` for any number of channels: others than the kernels take get some of zeros, which still is
    much less work than PyTorch's own way for large kernels and strides."""
    channels, rest = x.shape[1], -x.shape[1] % LANES
    if not rest:
        return Depthwise.apply(x, weight, stride)
    wide = F.pad(x, (0, 0, 0, 0, 0, rest)).contiguous(memory_format=LAST)
    y = Depthwise.apply(wide, F.pad(weight, (0, 0, 0, 0, 0, 0, 0, rest)), stride)
    return y[:, :channels].contiguous(memory_format=LAST)


class Norm(torch.autograd.Function):
    """x [B,C,H,W], weight, bias [C] -> batch norm, within `bounds`; mean and biased
    variance [C] of the batch, or those `given`, by which it was normed."""

    @staticmethod
    def forward(context, x, weight, bias, epsilon, bounds, given=None):
        y = torch.empty_like(x)
        mean, variance = given or (torch.empty_like(weight), torch.empty_like(weight))
        library().norm_forward(
            _half(x), _at(x), _at(weight), _at(bias), ctypes.c_double(epsilon),
            ctypes.c_bool(given is not None), *map(ctypes.c_float, bounds), _at(y), _at(mean),
            _at(variance), ctypes.c_long(x.numel() // x.shape[1]), ctypes.c_long(x.shape[1]))
        context.save_for_backward(x, weight, bias, mean, variance)
        context.epsilon, context.bounds, context.given = epsilon, bounds, given is not None
        if given is not None:
            return y, None, None
        context.mark_non_differentiable(mean, variance)
        return y, mean, variance

    @staticmethod
    def backward(context, gradient, *_):
        x, weight, bias, mean, variance = context.saved_tensors
        gradient = gradient.contiguous(memory_format=LAST)
        by_input, by_weight, by_bias = (torch.empty_like(t) for t in (x, weight, bias))
        library().norm_backward(
            _half(x), _at(gradient), _at(x), _at(weight), _at(bias), _at(mean), _at(variance),
            ctypes.c_double(context.epsilon), ctypes.c_bool(context.given),
            *map(ctypes.c_float, context.bounds), _at(by_input), _at(by_weight), _at(by_bias),
            ctypes.c_long(x.numel() // x.shape[1]), ctypes.c_long(x.shape[1]))
        return by_input, by_weight, by_bias, None, None, None


def normed(x: torch.Tensor, norm: torch.nn.BatchNorm2d,
           bounds: tuple[float, float], steady: bool = False) -> torch.Tensor:
    """What `norm` gives, held within `bounds`; its running figures moved as it moves them in training mode,
    unless `steady`: then by the running figures in any mode."""
    if steady or not norm.training:
        given = (norm.running_mean, norm.running_var)
        return Norm.apply(x, norm.weight, norm.bias, norm.eps, bounds, given)[0]
    y, mean, variance = Norm.apply(x, norm.weight, norm.bias, norm.eps, bounds)
    count = x.numel() // x.shape[1]
    with torch.no_grad():
        norm.num_batches_tracked += 1
        norm.running_mean.lerp_(mean, norm.momentum)
        norm.running_var.lerp_(variance * (count / max(1, count - 1)), norm.momentum)
    return y
