"""One model for each operator and variant: every operator of the device, alone."""

import numpy as np

import layers
from draw import Case, extent
from model_writer import ModelWriter, Quantisation


def image_input(w, d, **limits):
    return w.tensor(d.image(**limits), d.quantisation())


def window(d, shape, padding):
    """Kernel, stride and dilation that fit an image."""
    name, _ = padding
    dilated = d.chance(0.3)
    kernel, stride, dilation = [], [], []
    for size in shape[1:3]:
        k = d.integer(1, 5)
        rate = d.integer(1, 3) if dilated else 1
        if name == "VALID":
            k = min(k, size)
            while (k - 1) * rate + 1 > size:
                rate -= 1
        kernel.append(k)
        dilation.append(rate)
        stride.append(1 if dilated else d.integer(1, 3))
    return tuple(kernel), tuple(stride), tuple(dilation)


def described_window(kernel, stride, dilation, padding, activation):
    text = f"{extent(kernel)}, stride {extent(stride)}, {padding[0]}, {activation[0]}"
    return text if dilation == (1, 1) else f"{text}, dilation {extent(dilation)}"


def conv_2d(d):
    activation, padding, per_channel = d.activation(), d.padding(), d.cycle((True, False))
    w = ModelWriter()
    x = image_input(w, d)
    kernel, stride, dilation = window(d, x.shape, padding)
    groups = x.shape[3] if d.chance(0.1) else 1
    y = layers.conv_2d(w, d, x, groups * d.integer(1, 9 if groups == 1 else 2), kernel, stride,
                       dilation, padding[1], activation[1], per_channel, groups)
    text = described_window(kernel, stride, dilation, padding, activation)
    return Case(w, [x], [y], f"{extent(x.shape)} to {extent(y.shape)}, {text}"
                f"{', per channel' if per_channel else ''}{f', {groups} groups' if groups > 1 else ''}")


def depthwise_conv_2d(d):
    activation, padding, multiplier = d.activation(), d.padding(), d.cycle((1, 1, 2, 3))
    per_channel = not d.chance(0.3)
    w = ModelWriter()
    x = image_input(w, d)
    kernel, stride, dilation = window(d, x.shape, padding)
    y = layers.depthwise_conv_2d(w, d, x, multiplier, kernel, stride, dilation, padding[1],
                                 activation[1], per_channel)
    text = described_window(kernel, stride, dilation, padding, activation)
    return Case(w, [x], [y], f"{extent(x.shape)} to {extent(y.shape)}, {text}"
                f"{', per channel' if per_channel else ''}")


def fully_connected(d):
    activation, rank = d.activation(), d.cycle((2, 4, 3, 2))
    per_channel, keep = d.chance(0.25), rank == 3
    w = ModelWriter()
    shape = (d.integer(1, 5), *d.shape(rank - 1, high=6), d.integer(1, 50))[-rank:]
    x = w.tensor(shape, d.quantisation())
    y = layers.fully_connected(w, d, x, d.integer(1, 20), activation[1], per_channel, keep)
    return Case(w, [x], [y], f"{extent(x.shape)} to {extent(y.shape)}, {activation[0]}"
                f"{', per channel' if per_channel else ''}{', keeping dimensions' if keep else ''}")


def elementwise(d, layer):
    activation = d.activation()
    kind = d.cycle(("equal", "channels", "one", "both ways", "constant", "shorter", "rows"))
    w = ModelWriter()
    shape = d.shape(d.choice((1, 2, 3, 4)), high=6) if kind == "equal" else d.image(high=6)
    other = {
        "equal": shape, "constant": d.choice((shape, (1, 1, 1, shape[-1]), (shape[-1],))),
        "channels": (1, 1, 1, shape[-1]), "one": d.choice(((1,), (1, 1, 1, 1), ())),
        "both ways": (1, shape[1 % len(shape)], 1, shape[-1]), "shorter": shape[1:],
        "rows": (*shape[:-1], 1),
    }[kind]
    if kind == "both ways":
        shape = (shape[0], 1, *shape[2:])
    a = w.tensor(shape, d.quantisation())
    if kind == "constant":
        b = w.constant(d.int8(other), np.int8, d.quantisation())
    else:
        b = w.tensor(other, d.quantisation())
    swapped = d.chance(0.4)
    y = layer(w, d, *((b, a) if swapped else (a, b)), activation[1])
    operands = [a, b][::-1] if swapped else [a, b]
    return Case(w, [t for t in operands if t.data is None], [y],
                f"{extent(operands[0].shape)} with {extent(operands[1].shape)}, {activation[0]}"
                f"{', constant' if kind == 'constant' else ''}")


def add(d):
    return elementwise(d, layers.add)


def mul(d):
    return elementwise(d, layers.mul)


def pool(d, name):
    activation, padding = d.activation(), d.padding()
    w = ModelWriter()
    x = image_input(w, d)
    kernel, stride, _ = window(d, x.shape, padding)
    if d.chance(0.2):
        kernel, stride, padding = x.shape[1:3], x.shape[1:3], ("VALID", layers.VALID)
    y = layers.pool(w, x, name, kernel, stride, padding[1], activation[1])
    return Case(w, [x], [y], f"{extent(x.shape)} to {extent(y.shape)}, "
                + described_window(kernel, stride, (1, 1), padding, activation))


def average_pool_2d(d):
    return pool(d, "AVERAGE_POOL_2D")


def max_pool_2d(d):
    return pool(d, "MAX_POOL_2D")


def mean(d):
    keep, common = d.cycle((True, False)), d.cycle((True, True, False))
    same = d.chance(0.3)
    w = ModelWriter()
    if common:
        x, axes = image_input(w, d, high=12), d.choice(((1, 2), (2, 1), (-3, -2)))
    else:
        x = w.tensor(d.shape(d.integer(1, 4)), d.quantisation())
        rank = len(x.shape)
        axes = d.random.permutation(rank)[:d.integer(1, rank)].tolist()
        axes = tuple(a - rank if d.chance(0.3) else a for a in axes)
    y = layers.mean(w, d, x, axes, keep, same)
    return Case(w, [x], [y], f"{extent(x.shape)} over {list(axes)}{', keeping' if keep else ''}")


def pad(d):
    form = d.cycle(("PAD", "PAD", "PADV2"))
    w = ModelWriter()
    x = w.tensor(d.shape(d.cycle((4, 4, 1, 2, 3))), d.quantisation())
    paddings = [(d.integer(0, 3), d.integer(0, 3)) for _ in x.shape]
    y = layers.pad(w, x, paddings, d.integer(-128, 127) if form == "PADV2" else None)
    return Case(w, [x], [y], f"{form}, {extent(x.shape)} to {extent(y.shape)}")


def reshape(d):
    form = d.cycle(("tensor", "options", "both"))
    w = ModelWriter()
    x = w.tensor(d.shape(d.integer(1, 4)), d.quantisation())
    size, shape = int(np.prod(x.shape)), []
    for _ in range(d.integer(0, 3)):
        shape.append(d.choice([n for n in range(1, size + 1) if size % n == 0]))
        size //= shape[-1]
    shape.insert(d.integer(0, len(shape)), size)
    wildcard = d.integer(0, len(shape) - 1) if d.chance(0.4) else None
    y = layers.reshape(w, x, shape, form, wildcard)
    return Case(w, [x], [y], f"{extent(x.shape)} to {extent(shape)}, shape in {form}")


def transpose(d):
    w = ModelWriter()
    x = w.tensor(d.shape(d.cycle((4, 3, 2, 5, 1)), high=5), d.quantisation())
    order = d.random.permutation(len(x.shape)).tolist()
    y = layers.transpose(w, x, order)
    return Case(w, [x], [y], f"{extent(x.shape)} by {order}")


def softmax(d):
    w = ModelWriter()
    x = w.tensor(d.shape(d.cycle((2, 4, 1, 3)), high=12), d.quantisation())
    beta = d.choice((1.0, 1.0, 1.0, 0.3, 2.5))
    return Case(w, [x], [layers.softmax(w, x, beta)], f"{extent(x.shape)}, beta {beta}")


def logistic(d):
    w = ModelWriter()
    x = w.tensor(d.shape(d.cycle((2, 4, 1, 3))), d.quantisation())
    return Case(w, [x], [layers.logistic(w, x)], extent(x.shape))


def strided_slice(d):
    kind = d.cycle(("masks", "plain", "channels", "backwards", "shrink"))
    w = ModelWriter()
    x = w.tensor(d.shape(4 if kind == "channels" else d.integer(1, 4), 3, 10), d.quantisation())
    rank = len(x.shape)
    begin, end, strides = [0] * rank, list(x.shape), [1] * rank
    masks = dict(begin_mask=0, end_mask=0, shrink_mask=0)
    for i, size in enumerate(x.shape):
        low = d.integer(0, (size - 1) // 2)
        high = d.integer((size + 2) // 2, size)
        if kind == "channels" and i < rank - 1:
            end[i] = 0
            masks["begin_mask"] |= 1 << i
            masks["end_mask"] |= 1 << i
            continue
        strides[i] = d.integer(1, 3) if kind != "channels" else 1
        if kind == "backwards" and d.chance(0.5):
            strides[i] = -strides[i]
            low, high = high - 1, low - 1
            high = high if high >= 0 else -size - 1
        elif kind in ("masks", "backwards") and d.chance(0.4):
            low, high = low - size, (high - size if high < size else size + d.integer(0, 3))
        begin[i], end[i] = low, high
        if kind == "masks":
            masks["begin_mask"] |= d.integer(0, 1) << i
            masks["end_mask"] |= d.integer(0, 1) << i
        elif kind == "shrink" and d.chance(0.5):
            strides[i], end[i] = 1, low + 1
            masks["shrink_mask"] |= 1 << i
    y = layers.strided_slice(w, x, begin, end, strides, **masks)
    return Case(w, [x], [y], f"{extent(x.shape)} from {begin} to {end} by {strides}, masks "
                f"{masks['begin_mask']} {masks['end_mask']} {masks['shrink_mask']}")


def split(d):
    w = ModelWriter()
    shape, count = list(d.shape(d.integer(1, 4), high=5)), d.integer(1, 4)
    axis = d.integer(0, len(shape) - 1)
    shape[axis] = count * d.integer(1, 3)
    axis -= len(shape) if d.chance(0.3) else 0
    x = w.tensor(shape, d.quantisation())
    return Case(w, [x], layers.split(w, x, axis, count),
                f"{extent(shape)} along {axis} into {count}")


def split_v(d):
    w = ModelWriter()
    shape, sizes = list(d.shape(d.integer(1, 4), high=5)), d.shape(d.integer(1, 4), high=4)
    axis = d.integer(0, len(shape) - 1)
    shape[axis] = sum(sizes)
    axis -= len(shape) if d.chance(0.3) else 0
    x = w.tensor(shape, d.quantisation())
    wildcard = d.integer(0, len(sizes) - 1) if d.chance(0.3) else None
    return Case(w, [x], layers.split_v(w, x, axis, sizes, wildcard),
                f"{extent(shape)} along {axis} into {list(sizes)}")


def concatenation(d):
    w = ModelWriter()
    shape, q = list(d.shape(d.cycle((4, 2, 1, 3)), high=5)), d.quantisation()
    axis, xs = d.integer(0, len(shape) - 1), []
    for i in range(d.integer(2, 5)):
        shape[axis] = d.integer(1, 4)
        is_constant = i > 0 and d.chance(0.15)
        xs.append(w.constant(d.int8(shape), np.int8, q) if is_constant else w.tensor(shape, q))
    axis -= len(shape) if d.chance(0.4) else 0
    y = layers.concatenation(w, xs, axis)
    return Case(w, [x for x in xs if x.data is None], [y],
                f"{' and '.join(extent(x.shape) for x in xs)} along {axis}")


def quantize(d):
    source, target = d.cycle((("float32", "int8"), ("int8", "int8"), ("float32", "int8"),
                              ("int8", "int8"), ("uint8", "int8"), ("int8", "uint8")))
    w = ModelWriter()
    shape, q, r = d.shape(d.integer(1, 4)), d.quantisation(), d.quantisation()
    unsigned = lambda q, name: Quantisation(q.scale, q.zero_point + 128) if name == "uint8" else q
    if source != "float32" and not d.is_extreme:
        r = Quantisation(np.float32(q.scale * d.log_uniform(0.3, 4)), r.zero_point)
    if "uint8" in (source, target) and d.chance(0.5):
        r = q
    x = w.tensor(shape, None if source == "float32" else unsigned(q, source), np.dtype(source))
    y = layers.quantize(w, x, unsigned(r, target), np.dtype(target))
    return Case(w, [x], [y], f"{extent(shape)}, {source} to {target}")


def dequantize(d):
    w = ModelWriter()
    x = w.tensor(d.shape(d.integer(1, 4)), d.quantisation())
    return Case(w, [x], [layers.dequantize(w, x)], extent(x.shape))


def resize_nearest_neighbor(d):
    align, half = d.cycle(((False, False), (False, True), (True, False)))
    w = ModelWriter()
    x = image_input(w, d)
    size = (d.integer(1, 17), d.integer(1, 17))
    if d.chance(0.3):
        size = (2 * x.shape[1], 2 * x.shape[2])
    y = layers.resize_nearest_neighbor(w, x, size, align, half)
    return Case(w, [x], [y], f"{extent(x.shape)} to {extent(size)}"
                f"{', align corners' if align else ''}{', half-pixel centres' if half else ''}")


OPERATORS = {
    "CONV_2D": conv_2d, "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "FULLY_CONNECTED": fully_connected, "ADD": add, "MUL": mul,
    "AVERAGE_POOL_2D": average_pool_2d, "MAX_POOL_2D": max_pool_2d, "MEAN": mean, "PAD": pad,
    "RESHAPE": reshape, "TRANSPOSE": transpose, "SOFTMAX": softmax, "LOGISTIC": logistic,
    "STRIDED_SLICE": strided_slice, "SPLIT": split, "SPLIT_V": split_v,
    "CONCATENATION": concatenation, "QUANTIZE": quantize, "DEQUANTIZE": dequantize,
    "RESIZE_NEAREST_NEIGHBOR": resize_nearest_neighbor,
}
