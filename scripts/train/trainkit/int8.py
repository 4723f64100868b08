"""The int8 graph computed as TensorFlow Lite's reference kernels do, bit for bit, over batches.

Convolutions run in float32 where every sum stays below 2^24, else in float64: exact either way. All else
is int64.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F

from .graph import Graph, Operator


def quantised_multiplier(real: float) -> tuple[int, int]:
    """real = multiplier * 2^(shift - 31), multiplier in [2^30, 2^31)."""
    if real == 0.0:
        return 0, 0
    fraction, shift = math.frexp(real)
    # C's round: half away from zero.
    multiplier = math.floor(fraction * (1 << 31) + 0.5)
    if multiplier == 1 << 31:
        multiplier, shift = multiplier // 2, shift + 1
    if shift < -31:
        return 0, 0
    return multiplier, shift


def multiply(x: torch.Tensor, multiplier: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
    """x * multiplier * 2^(shift - 31) with the two roundings of gemmlowp; all int64."""
    left, right = shift.clamp_min(0), (-shift).clamp_min(0)
    # gemmlowp's first rounding, to nearest, ties up; its second, ties away from zero.
    high = ((x << left) * multiplier).add_(1 << 30).bitwise_right_shift_(31)
    half = (torch.ones_like(right) << right) >> 1
    below = (high >> 63).bitwise_and_(-right.clamp_max(1))
    return high.add_(half).add_(below).bitwise_right_shift_(right)


def _requantise(total, reals, output, activation):
    """int64 [..., channels] sums -> int8 values as int64, clamped to the activation."""
    pairs = [quantised_multiplier(float(real)) for real in reals]
    multiplier = torch.tensor([m for m, _ in pairs])
    shift = torch.tensor([s for _, s in pairs])
    value = multiply(total, multiplier, shift) + output.zero_point
    return value.clamp(*_bounds(output, activation))


def _bounds(output, activation: str) -> tuple[int, int]:
    """The least and the greatest int8 value that an activation lets through."""
    low, high = -128, 127
    if activation in ("RELU", "RELU6"):
        low = max(low, output.zero_point)
    if activation == "RELU6":
        six = math.floor(float(np.float32(6.0) / output.scale) + 0.5)
        high = min(high, output.zero_point + six)
    return low, high


def _convolution(graph: Graph, op: Operator, x: torch.Tensor) -> torch.Tensor:
    source, weight, bias = (graph.tensors[name] for name in op.inputs)
    output = graph.tensors[op.outputs[0]]
    depthwise = op.kind == "DEPTHWISE_CONV_2D"
    order = (3, 0, 1, 2) if depthwise else (0, 3, 1, 2)
    kernel = torch.from_numpy(weight.data.astype(np.float32).transpose(order).copy())
    if kernel[0].numel() * 255 * 127 >= 1 << 24:
        kernel = kernel.double()
    size = kernel.shape[2]
    pad = max(0, (output.shape[1] - 1) * op.stride + size - source.shape[1])
    before, after = pad // 2, pad - pad // 2
    planes = (x - source.zero_point).to(kernel.dtype).permute(0, 3, 1, 2)
    planes = F.pad(planes, (before, after, before, after))
    total = F.conv2d(planes, kernel, stride=op.stride,
                     groups=kernel.shape[0] if depthwise else 1)
    total = total.permute(0, 2, 3, 1).long() + torch.from_numpy(bias.data.astype(np.int64))
    reals = [float(source.scale) * float(scale) / float(output.scale) for scale in weight.scales]
    return _requantise(total, reals, output, op.activation)


def _fully_connected(graph: Graph, op: Operator, x: torch.Tensor) -> torch.Tensor:
    source, weight, bias = (graph.tensors[name] for name in op.inputs)
    output = graph.tensors[op.outputs[0]]
    total = (x - source.zero_point) @ torch.from_numpy(weight.data.astype(np.int64)).t()
    total = total + torch.from_numpy(bias.data.astype(np.int64))
    real = float(np.float32(source.scale * weight.scale)) / float(output.scale)
    return _requantise(total, [real], output, op.activation)


def _mean(graph: Graph, op: Operator, x: torch.Tensor) -> torch.Tensor:
    source, output = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    count = x.shape[1] * x.shape[2]
    multiplier, shift = quantised_multiplier(float(source.scale) / float(output.scale))
    # The division by the count goes into the multiplier, as many bits as fit.
    extra = min(count.bit_length() - 1, 32, 31 + shift)
    multiplier, shift = (multiplier << extra) // count, shift - extra
    total = x.sum(dim=(1, 2)) - source.zero_point * count
    value = multiply(total, torch.tensor(multiplier), torch.tensor(shift)) + output.zero_point
    return value.clamp(-128, 127)


def _add(graph: Graph, op: Operator, one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Both brought to twice the larger scale with 20 bits behind the point, added, brought back."""
    first, second, output = (graph.tensors[name] for name in (*op.inputs, *op.outputs))
    twice = 2 * float(max(first.scale, second.scale))

    def scaled(value: torch.Tensor, real: float) -> torch.Tensor:
        multiplier, shift = quantised_multiplier(real)
        return multiply(value, torch.tensor(multiplier), torch.tensor(shift))

    total = sum(scaled((x - tensor.zero_point) << 20, float(tensor.scale) / twice)
                for x, tensor in ((one, first), (other, second)))
    value = scaled(total, twice / ((1 << 20) * float(output.scale))) + output.zero_point
    return value.clamp(*_bounds(output, op.activation))


def run(graph: Graph, images: torch.Tensor) -> dict[str, torch.Tensor]:
    """images: int8 [N,H,W,3] -> every output by name, int8 values as int64."""
    values = {graph.inputs[0]: images.long()}
    for op in graph.operators:
        x = values[op.inputs[0]]
        if op.kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            values[op.outputs[0]] = _convolution(graph, op, x)
        elif op.kind == "SPLIT_V":
            sizes = graph.tensors[op.inputs[1]].data.tolist()
            values.update(zip(op.outputs, x.split(sizes, dim=3)))
        elif op.kind == "CONCATENATION":
            values[op.outputs[0]] = torch.cat([values[name] for name in op.inputs], dim=3)
        elif op.kind == "ADD":
            values[op.outputs[0]] = _add(graph, op, x, values[op.inputs[1]])
        elif op.kind == "MEAN":
            values[op.outputs[0]] = _mean(graph, op, x)
        elif op.kind == "FULLY_CONNECTED":
            values[op.outputs[0]] = _fully_connected(graph, op, x)
        else:
            raise ValueError(f"no operator {op.kind}")
    return {name: values[name] for name in graph.outputs}
