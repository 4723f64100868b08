"""Little networks: what single operators cannot show, such as tensors that live long, several
inputs and outputs, and outputs that are read again."""

import numpy as np
import tflite

import layers
from draw import Case, extent
from model_writer import ModelWriter, Quantisation

RELU, RELU6 = tflite.ActivationFunctionType.RELU, tflite.ActivationFunctionType.RELU6
VALID = layers.VALID


def image(w, d, low=6, high=12, channels=3):
    return w.tensor((1, d.integer(low, high), d.integer(low, high), channels), d.quantisation(),
                    name="image")


def residual(w, d):
    x = image(w, d)
    stem = layers.conv_2d(w, d, x, 8, (3, 3), activation=RELU)
    y = layers.conv_2d(w, d, stem, 8, (3, 3), activation=RELU)
    y = layers.conv_2d(w, d, y, 8, (3, 3))
    y = layers.add(w, d, y, stem, RELU)
    short = layers.conv_2d(w, d, y, 12, (1, 1), (2, 2))
    y = layers.conv_2d(w, d, y, 12, (3, 3), (2, 2), activation=RELU)
    y = layers.conv_2d(w, d, y, 12, (3, 3))
    y = layers.add(w, d, short, y, RELU)
    y = layers.pool(w, y, "AVERAGE_POOL_2D", y.shape[1:3], y.shape[1:3])
    y = layers.reshape(w, y, (1, 12))
    return [x], [layers.softmax(w, layers.fully_connected(w, d, y, 10, step=0.05))]


def separable(w, d):
    x = image(w, d)
    y = layers.pad(w, x, [(0, 0), (0, 1), (0, 1), (0, 0)])
    y = layers.conv_2d(w, d, y, 6, (3, 3), (2, 2), padding=VALID, activation=RELU6)
    for stride in ((1, 1), (2, 2)):
        expanded = layers.conv_2d(w, d, y, 18, (1, 1), activation=RELU6)
        z = layers.depthwise_conv_2d(w, d, expanded, 1, (3, 3), stride, activation=RELU6)
        z = layers.conv_2d(w, d, z, 6, (1, 1))
        y = layers.add(w, d, y, z) if stride == (1, 1) else z
    y = layers.mean(w, d, y, (1, 2), False)
    return [x], [layers.logistic(w, layers.fully_connected(w, d, y, 5, step=0.05))]


def real(w, d):
    """float32 at both ends, int8 between them."""
    x = w.tensor((1, 8, 9, 2), None, np.float32, name="reals")
    q = layers.quantize(w, x, d.quantisation())
    y = layers.conv_2d(w, d, q, 7, (3, 3), activation=RELU)
    y = layers.pool(w, y, "MAX_POOL_2D", (2, 2), (2, 2))
    y = layers.fully_connected(w, d, y, 6, step=0.05)
    return [x], [layers.dequantize(w, layers.softmax(w, y)), layers.dequantize(w, y)]


def divided(w, d):
    """Features and local logits from one extractor, as in AgileNN."""
    x = image(w, d)
    y = layers.depthwise_conv_2d(w, d, x, 2, (3, 3), (2, 2), activation=RELU6)
    y = layers.conv_2d(w, d, y, 12, (1, 1), activation=RELU6)
    part = lambda low, high: layers.strided_slice(
        w, y, [0, 0, 0, low], [0, 0, 0, high], [1, 1, 1, 1], begin_mask=7, end_mask=7)
    local, features = part(0, 4), part(4, 12)
    local = layers.mean(w, d, local, (1, 2), False)
    return [x], [layers.fully_connected(w, d, local, 10), features]


def gated(w, d):
    """Squeeze and excite, and a bottleneck of differently shaped branches."""
    x = image(w, d)
    y = layers.conv_2d(w, d, x, 8, (3, 3), activation=RELU)
    squeezed = layers.mean(w, d, y, (1, 2), True)
    gate = layers.conv_2d(w, d, squeezed, 4, (1, 1), activation=RELU)
    gate = layers.logistic(w, layers.conv_2d(w, d, gate, 8, (1, 1)))
    y = layers.mul(w, d, y, gate)
    left, right = layers.split(w, y, 3, 2)
    upscaled = layers.resize_nearest_neighbor(
        w, layers.pool(w, left, "MAX_POOL_2D", (2, 2), (2, 2)), left.shape[1:3])
    y = layers.concatenation(w, [right, upscaled, left], -1)
    return [x], [layers.transpose(w, y, (0, 3, 1, 2))]


def shared(w, d):
    """Two inputs; a tensor that is an output and is read on."""
    x, z = image(w, d, channels=4), w.tensor((1, 4), d.quantisation(), name="offsets")
    y = layers.add(w, d, x, z, RELU)
    twice = layers.add(w, d, y, y)
    pieces = layers.split_v(w, y, 3, (1, 2, 1))
    common = Quantisation(np.float32(d.scale()), d.zero_point())
    pieces = [layers.quantize(w, p, common) for p in pieces[::-1]]
    return [x, z], [layers.concatenation(w, pieces, 3), y, twice]


def aliased(w, d):
    """Reshapes, which need no copy, of tensors that are read, added over and put out besides."""
    x = image(w, d, channels=4)
    size = int(np.prod(x.shape))
    row = layers.reshape(w, x, (1, size))
    doubled = layers.add(w, d, row, row, RELU)
    back = layers.reshape(w, row, x.shape)
    y = layers.conv_2d(w, d, back, 4, (3, 3), activation=RELU)
    flat = layers.reshape(w, y, (size,))
    again = layers.reshape(w, flat, (1, size), "options")
    product = layers.mul(w, d, again, doubled)
    total = layers.add(w, d, layers.reshape(w, product, x.shape), y)
    return [x], [flat, total, layers.reshape(w, x, (size, 1)), product, y]


def unread(w, d):
    """Inputs and pieces that nothing reads, a constant operand and an output that is named twice."""
    x, ignored = image(w, d, channels=6), w.tensor((1, 3), d.quantisation(), name="ignored")
    pieces = layers.split(w, x, 3, 3)
    scales = w.constant(d.int8((1, 1, 1, 2)), np.int8, d.quantisation())
    y = layers.mul(w, d, pieces[1], scales)
    y = layers.pool(w, y, "MAX_POOL_2D", (3, 3), (1, 1), layers.SAME)
    return [x, ignored], [y, layers.add(w, d, y, pieces[1]), y]


NETWORKS = (residual, separable, real, divided, gated, shared, aliased, unread)


def network(d):
    build = d.cycle(NETWORKS)
    # Far-off scales in every layer would leave constants behind the second.
    d.is_extreme = False
    w = ModelWriter()
    inputs, outputs = build(w, d)
    return Case(w, inputs, outputs,
                f"{build.__name__}, {' and '.join(extent(x.shape) for x in inputs)}")
