"""Single operators added to a model: shapes, quantisation, constants and versions as TensorFlow's
converter would write them. Each takes the writer, the draw and input tensors and returns the
output tensor, or a list of them."""

import math

import numpy as np
import tflite

from model_writer import Quantisation

NONE = tflite.ActivationFunctionType.NONE
SAME, VALID = tflite.Padding.SAME, tflite.Padding.VALID
# What SOFTMAX and LOGISTIC always yield.
PROBABILITY = Quantisation(np.float32(1 / 256), -128)


def scale_of(tensor):
    return float(tensor.quantisation.scales[0])


def window_extent(size, kernel, stride, dilation, padding):
    reach = (kernel - 1) * dilation + 1
    if padding == SAME:
        return -(-size // stride)
    return (size - reach) // stride + 1


def weights(w, d, shape, axis, per_channel, base=None):
    """Symmetric int8 weights and their scales, of which `base` is the greatest that can be."""
    channels = shape[axis] if per_channel else 1
    base = base or d.log_uniform(1e-3, 0.1)
    scales = np.float32([base * d.log_uniform(0.05, 1) for _ in range(channels)])
    values = d.int8(shape, low=-127)
    if d.chance(0.1):
        values = np.sign(values).astype(np.int8) * np.int8(127)
    return w.constant(values, np.int8, Quantisation(scales, 0, axis if channels > 1 else 0))


def bias(w, d, x, kernel, channels, spread):
    """An int32 bias, or None where the layer goes without."""
    if d.chance(0.1):
        return None
    limit = int(spread * (20 if d.is_extreme else 2)) + 1
    scales = np.float32(scale_of(x)) * kernel.quantisation.scales
    return w.constant(d.random.integers(-limit, limit + 1, size=channels), np.int32,
                      Quantisation(scales, 0))


def spread_of(terms):
    """The standard deviation of a sum of products of uniform int8 values."""
    return math.sqrt(terms) * 74 * 74


def accumulated(w, d, x, kernel, shape, terms, channels, activation):
    """Inputs and output of a layer that sums `terms` products. An absent bias is left out."""
    spread = spread_of(terms)
    b = bias(w, d, x, kernel, channels, spread)
    accumulator = scale_of(x) * float(np.max(kernel.quantisation.scales))
    y = w.tensor(shape, activated(d, d.output_quantisation(accumulator, spread), activation))
    return [t for t in (x, kernel, b) if t is not None], y


def absent_bias(d, inputs):
    """Some writers have -1 for an absent bias. (Not for DEPTHWISE_CONV_2D: TensorFlow Lite Micro
    reads tensor -1 there.)"""
    return [*inputs, None] if len(inputs) == 2 and d.chance(0.5) else inputs


def activated(d, quantisation, activation):
    """Training leaves no range below zero to what has been through a ReLU."""
    if activation == NONE or d.is_extreme or d.chance(0.3):
        return quantisation
    return Quantisation(quantisation.scale, -128)


def conv_2d(w, d, x, channels, kernel, stride=(1, 1), dilation=(1, 1), padding=SAME,
            activation=NONE, per_channel=True, groups=1):
    n, height, width, depth = x.shape
    f = weights(w, d, (channels, *kernel, depth // groups), 0, per_channel)
    shape = (n, window_extent(height, kernel[0], stride[0], dilation[0], padding),
             window_extent(width, kernel[1], stride[1], dilation[1], padding), channels)
    inputs, y = accumulated(w, d, x, f, shape, kernel[0] * kernel[1] * (depth // groups), channels,
                            activation)
    w.operator("CONV_2D", 3, absent_bias(d, inputs), [y], "Conv2DOptions", Padding=padding, StrideH=stride[0],
               StrideW=stride[1], DilationHFactor=dilation[0], DilationWFactor=dilation[1],
               FusedActivationFunction=activation)
    return y


def depthwise_conv_2d(w, d, x, multiplier, kernel, stride=(1, 1), dilation=(1, 1), padding=SAME,
                      activation=NONE, per_channel=True):
    n, height, width, depth = x.shape
    channels = depth * multiplier
    f = weights(w, d, (1, *kernel, channels), 3, per_channel)
    shape = (n, window_extent(height, kernel[0], stride[0], dilation[0], padding),
             window_extent(width, kernel[1], stride[1], dilation[1], padding), channels)
    inputs, y = accumulated(w, d, x, f, shape, kernel[0] * kernel[1], channels, activation)
    w.operator("DEPTHWISE_CONV_2D", 3, inputs, [y], "DepthwiseConv2DOptions", Padding=padding,
               StrideH=stride[0], StrideW=stride[1], DilationHFactor=dilation[0],
               DilationWFactor=dilation[1], DepthMultiplier=multiplier,
               FusedActivationFunction=activation)
    return y


def fully_connected(w, d, x, channels, activation=NONE, per_channel=False, keep_dimensions=False,
                    step=None):
    """`step` is about the output's scale, for layers whose outputs go through an exponential."""
    depth = x.shape[-1] if keep_dimensions else int(np.prod(x.shape[1:]))
    rows = int(np.prod(x.shape)) // depth
    base = step and step * 60 / (spread_of(depth) * scale_of(x))
    f = weights(w, d, (channels, depth), 0, per_channel, base)
    shape = (*x.shape[:-1], channels) if keep_dimensions else (rows, channels)
    inputs, y = accumulated(w, d, x, f, shape, depth, channels, activation)
    version = 12 if per_channel else 5 if keep_dimensions else 6 if len(inputs) == 2 else 4
    w.operator("FULLY_CONNECTED", version, absent_bias(d, inputs), [y], "FullyConnectedOptions",
               FusedActivationFunction=activation, KeepNumDims=keep_dimensions)
    return y


def broadcast(a, b):
    return np.broadcast_shapes(a.shape, b.shape)


def add(w, d, a, b, activation=NONE):
    spread = 74 * max(scale_of(a), scale_of(b))
    y = w.tensor(broadcast(a, b), activated(d, d.output_quantisation(spread, 1), activation))
    w.operator("ADD", 2, [a, b], [y], "AddOptions", FusedActivationFunction=activation)
    return y


def mul(w, d, a, b, activation=NONE):
    accumulator = scale_of(a) * scale_of(b)
    q = activated(d, d.output_quantisation(accumulator, 74 * 74), activation)
    y = w.tensor(broadcast(a, b), q)
    version = 3 if accumulator / scale_of(y) >= 1 else 2
    w.operator("MUL", version, [a, b], [y], "MulOptions", FusedActivationFunction=activation)
    return y


def pool(w, x, name, kernel, stride, padding=VALID, activation=NONE):
    n, height, width, depth = x.shape
    y = w.tensor((n, window_extent(height, kernel[0], stride[0], 1, padding),
                  window_extent(width, kernel[1], stride[1], 1, padding), depth), x.quantisation)
    w.operator(name, 2, [x], [y], "Pool2DOptions", Padding=padding, StrideH=stride[0],
               StrideW=stride[1], FilterHeight=kernel[0], FilterWidth=kernel[1],
               FusedActivationFunction=activation)
    return y


def mean(w, d, x, axes, keep_dimensions, same_quantisation=False):
    gone = {a % len(x.shape) for a in axes}
    shape = [1 if i in gone else n for i, n in enumerate(x.shape)
             if keep_dimensions or i not in gone]
    terms = max(1, int(np.prod([x.shape[i] for i in gone])))
    q = x.quantisation if same_quantisation else d.output_quantisation(
        scale_of(x), 74 / math.sqrt(terms))
    y = w.tensor(shape, q)
    # One axis may come as a scalar.
    asked = w.constant(axes[0] if len(axes) == 1 and d.chance(0.5) else axes)
    w.operator("MEAN", 2, [x, asked], [y], "ReducerOptions",
               KeepDims=keep_dimensions)
    return y


def pad(w, x, paddings, value=None):
    """PAD, or PADV2 where there is an int8 value to pad with."""
    y = w.tensor([n + before + after for n, (before, after) in zip(x.shape, paddings)],
                 x.quantisation)
    table = w.constant(np.reshape(paddings, (-1, 2)))
    if value is None:
        w.operator("PAD", 2, [x, table], [y], "PadOptions")
    else:
        fill = w.constant([value] if isinstance(value, int) else value, np.int8, x.quantisation)
        w.operator("PADV2", 2, [x, table, fill], [y], "PadV2Options")
    return y


def reshape(w, x, shape, form="tensor", wildcard=None):
    """RESHAPE with its shape in a constant, in the options or in both; one extent may be -1."""
    y = w.tensor(shape, x.quantisation, x.dtype)
    asked = [-1 if i == wildcard else n for i, n in enumerate(shape)]
    inputs = [x] if form == "options" else [x, w.constant(asked)]
    if form == "tensor":
        w.operator("RESHAPE", 1, inputs, [y])
    else:
        w.operator("RESHAPE", 1, inputs, [y], "ReshapeOptions", NewShape=asked)
    return y


def transpose(w, x, order):
    y = w.tensor([x.shape[i] for i in order], x.quantisation)
    w.operator("TRANSPOSE", 2, [x, w.constant(list(order))], [y], "TransposeOptions")
    return y


def softmax(w, x, beta=1.0):
    y = w.tensor(x.shape, PROBABILITY)
    w.operator("SOFTMAX", 2, [x], [y], "SoftmaxOptions", Beta=beta)
    return y


def logistic(w, x):
    y = w.tensor(x.shape, PROBABILITY)
    w.operator("LOGISTIC", 2, [x], [y])
    return y


def strided_slice(w, x, begin, end, strides, begin_mask=0, end_mask=0, shrink_mask=0,
                  end_is_offset=False):
    shape = []
    for i, size in enumerate(x.shape):
        if i >= len(begin):
            shape.append(size)
        elif not shrink_mask >> i & 1:
            start = None if begin_mask >> i & 1 else begin[i]
            stop = end[i] + begin[i] if end_is_offset else end[i]
            stop = None if end_mask >> i & 1 else stop
            shape.append(len(range(*slice(start, stop, strides[i]).indices(size))))
    y = w.tensor(shape, x.quantisation)
    w.operator("STRIDED_SLICE", 2, [x, w.constant(begin), w.constant(end), w.constant(strides)],
               [y], "StridedSliceOptions", BeginMask=begin_mask, EndMask=end_mask,
               ShrinkAxisMask=shrink_mask, Offset=end_is_offset)
    return y


def split(w, x, axis, count):
    shape = list(x.shape)
    shape[axis] //= count
    ys = [w.tensor(shape, x.quantisation) for _ in range(count)]
    w.operator("SPLIT", 2, [w.constant(axis), x], ys, "SplitOptions", NumSplits=count)
    return ys


def split_v(w, x, axis, sizes, wildcard=None):
    ys = []
    for size in sizes:
        shape = list(x.shape)
        shape[axis] = size
        ys.append(w.tensor(shape, x.quantisation))
    asked = [-1 if i == wildcard else n for i, n in enumerate(sizes)]
    w.operator("SPLIT_V", 2, [x, w.constant(asked), w.constant(axis)], ys, "SplitVOptions",
               NumSplits=len(sizes))
    return ys


def concatenation(w, xs, axis):
    shape = list(xs[0].shape)
    shape[axis] = sum(x.shape[axis] for x in xs)
    y = w.tensor(shape, xs[0].quantisation)
    w.operator("CONCATENATION", 2, xs, [y], "ConcatenationOptions", Axis=axis,
               FusedActivationFunction=NONE)
    return y


def quantize(w, x, quantisation, dtype=np.int8):
    y = w.tensor(x.shape, quantisation, dtype)
    if x.dtype == np.float32:
        x.reach = 128 * scale_of(y)
    w.operator("QUANTIZE", 1 if x.dtype == np.float32 else 2, [x], [y], "QuantizeOptions")
    return y


def dequantize(w, x):
    y = w.tensor(x.shape, None, np.float32)
    w.operator("DEQUANTIZE", 2, [x], [y], "DequantizeOptions")
    return y


def resize_nearest_neighbor(w, x, size, align_corners=False, half_pixel_centres=False):
    n, _, _, depth = x.shape
    y = w.tensor((n, *size, depth), x.quantisation)
    version = 3 if align_corners or half_pixel_centres else 2
    w.operator("RESIZE_NEAREST_NEIGHBOR", version, [x, w.constant(list(size))], [y],
               "ResizeNearestNeighborOptions", AlignCorners=align_corners,
               HalfPixelCenters=half_pixel_centres)
    return y
