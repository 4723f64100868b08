"""The shapes on which our own kernels are counted: a model of one operator for each, and the amounts
of its cost terms (Sources/Emulator/Board/CostTerm.swift, KernelWork.swift)."""

import math

import numpy as np

import layers
from draw import Draw
from layers import NONE, SAME, VALID, window_extent
from model_writer import ModelWriter, Quantisation

import tflite

CACHE_BYTES = 4096 * 0.75
ROW_BYTES = 16


class Shape:
    """One operator. `finish` is quick, clamped or exact: how sums are requantised."""

    FIELDS = (
        "kind", "inputHeight", "inputWidth", "inputChannels", "outputHeight", "outputWidth",
        "outputChannels", "kernelHeight", "kernelWidth", "strideHeight", "strideWidth",
        "inputElements", "outputElements", "macs", "insideTaps", "windowRuns", "finish")

    def __init__(self, kind, size, channels, outputs=None, kernel=(1, 1), stride=(1, 1),
                 padding=SAME, groups=1, finish="quick", build=None, output=None, elements=None):
        self.kind, self.size, self.channels = kind, size, channels
        self.outputs = outputs or channels
        self.kernel, self.stride, self.padding = kernel, stride, padding
        self.groups, self.finish, self.build = groups, finish, build
        self.output = output or tuple(
            window_extent(size[i], kernel[i], stride[i], 1, padding) for i in range(2))
        self.input_elements = elements or size[0] * size[1] * channels
        self.output_elements = self.output[0] * self.output[1] * self.outputs
        self.operator_class = kind

    def __str__(self):
        return "%s %dx%dx%d -> %dx%dx%d, %dx%d/%d%s%s%s" % (
            self.kind, *self.size, self.channels, *self.output, self.outputs, *self.kernel,
            self.stride[0], " valid" if self.padding == VALID else "",
            " groups %d" % self.groups if self.groups > 1 else "",
            "" if self.finish == "quick" else " " + self.finish)

    @property
    def pixels(self):
        return self.output[0] * self.output[1]

    @property
    def inside_taps(self):
        def inside(axis):
            n, k, s, out = self.size[axis], self.kernel[axis], self.stride[axis], self.output[axis]
            before = max(0, (out - 1) * s + k - n) // 2
            return sum(0 <= p * s - before + t < n for p in range(out) for t in range(k))
        return inside(0) * inside(1)

    @property
    def window_runs(self):
        """Pixels whose windows are clipped left or right, and a run of the others, in each row."""
        n, k, s, out = self.size[1], self.kernel[1], self.stride[1], self.output[1]
        before = max(0, (out - 1) * s + k - n) // 2
        whole = sum(0 <= p * s - before and p * s - before + k <= n for p in range(out))
        return self.output[0] * (out - whole + (whole > 0))

    @property
    def macs(self):
        per_output = {
            "conv2D": self.kernel[0] * self.kernel[1] * self.channels // self.groups,
            "depthwiseConv2D": self.kernel[0] * self.kernel[1], "fullyConnected": self.channels}
        return self.output_elements * per_output.get(self.kind, 0)

    def record(self):
        return [self.kind, *self.size, self.channels, *self.output, self.outputs, *self.kernel,
                *self.stride, self.input_elements, self.output_elements, self.macs,
                self.inside_taps, self.window_runs, self.finish]

    def terms(self):
        """Every term's amount, as CostTerm and KernelWork have them."""
        taps = self.pixels * self.kernel[0] * self.kernel[1]
        t = dict(setup=1, pixel=self.pixels, tap=taps, column=taps * self.channels,
                 mac=self.macs, output=self.output_elements, input=self.input_elements,
                 windowRun=self.window_runs, clippedBlock=0, run=0, gathered=0, staged=0,
                 wideMac=0, narrowMac=0, wideOutput=0, narrowOutput=0,
                 fetched=0)
        for finish in ("clamped", "exact"):
            t[finish + "Output"] = self.output_elements if self.finish == finish else 0
        window = self.kernel[0] * self.kernel[1]

        def fetched(data, times, blocks=1):
            return blocks * data * (times if data > CACHE_BYTES else 1)

        if self.kind == "conv2D":
            group, outputs = self.channels // self.groups, self.outputs // self.groups
            pairs, depth = -(-self.pixels // 2), -(-window * group // 4) * 4
            t["gathered"] = self.inside_taps * self.channels
            if window > 1 or self.groups > 1 or self.stride != (1, 1):
                inside = self.groups == 1 and self.inside_taps == taps
                t["staged"] = (0 if (self.kernel[1] * group if inside else group) % 4 == 0
                               else t["gathered"])
                t["run"] = (self.inside_taps * self.groups if self.groups > 1
                            else self.inside_taps / self.kernel[1])
            t["wideOutput"] = 2 * pairs * self.groups * (outputs & ~1)
            t["narrowOutput"] = 2 * pairs * self.groups * (outputs & 1)
            t["wideMac"], t["narrowMac"] = t["wideOutput"] * depth, t["narrowOutput"] * depth
            t["fetched"] = fetched(outputs * (depth + ROW_BYTES), pairs, self.groups)
        elif self.kind == "depthwiseConv2D":
            wide = self.outputs & ~3 if self.outputs == self.channels else 0
            narrow = self.outputs - wide
            t["wideOutput"], t["narrowOutput"] = self.pixels * wide, self.pixels * narrow
            t["wideMac"], t["narrowMac"] = self.inside_taps * wide, self.inside_taps * narrow
            blocks = -(-self.outputs // 4) if self.outputs == self.channels else self.outputs
            t["run"] = self.inside_taps / self.kernel[1] * blocks
            t["clippedBlock"] = max(0, self.window_runs - self.output[0]) * blocks
            t["fetched"] = fetched(self.outputs * (window + ROW_BYTES), self.pixels)
        elif self.kind == "fullyConnected":
            wide = self.outputs & ~3
            t["wideOutput"], t["narrowOutput"] = wide, self.outputs - wide
            t["wideMac"] = wide * (self.channels & ~3)
            t["narrowMac"] = self.macs - t["wideMac"]
            t["fetched"] = fetched(self.outputs * (self.channels + ROW_BYTES), 1)
        elif self.kind == "averagePool2D":
            t["run"] = self.output_elements * self.kernel[0]
        elif self.kind == "maxPool2D":
            t["run"] = self.inside_taps
        return t

    def model(self):
        """The .tflite file's bytes."""
        w = ModelWriter()
        d = Draw(0, self.kind, 0, 0)
        inputs, output = (self.build or Shape.weighted)(self, w, d)
        return w.write(inputs, output if isinstance(output, list) else [output])

    def output_quantisation(self, accumulator, terms):
        """Scale and zero point under which the compiler finds the form that is wanted."""
        scale = accumulator * math.sqrt(terms) * 74 * 74 / 60
        if self.finish == "exact":
            scale = accumulator / 2
        return Quantisation(np.float32(scale), 0 if self.finish == "clamped" else -128)

    @property
    def activation(self):
        return tflite.ActivationFunctionType.RELU if self.finish == "clamped" else NONE

    def weighted(self, w, d):
        """A convolution, a depthwise one or a dense layer."""
        q = Quantisation(np.float32(0.02), -3)
        dense, depthwise = self.kind == "fullyConnected", self.kind == "depthwiseConv2D"
        x = w.tensor((1, self.channels) if dense else (1, *self.size, self.channels), q)
        if dense:
            form, axis = (self.outputs, self.channels), 0
        elif depthwise:
            form, axis = (1, *self.kernel, self.outputs), 3
        else:
            form, axis = (self.outputs, *self.kernel, self.channels // self.groups), 0
        f = w.constant(d.int8(form, low=-127), np.int8, Quantisation(np.float32(0.01), 0, 0))
        terms = self.macs // self.output_elements
        b = w.constant(d.random.integers(-999, 999, size=self.outputs), np.int32,
                       Quantisation(np.float32(2e-4), 0))
        y = w.tensor((1, self.outputs) if dense else (1, *self.output, self.outputs),
                     self.output_quantisation(2e-4, terms))
        if dense:
            w.operator("FULLY_CONNECTED", 4, [x, f, b], [y], "FullyConnectedOptions",
                       FusedActivationFunction=self.activation)
        else:
            options = dict(Padding=self.padding, StrideH=self.stride[0], StrideW=self.stride[1],
                           DilationHFactor=1, DilationWFactor=1,
                           FusedActivationFunction=self.activation)
            if depthwise:
                options["DepthMultiplier"] = self.outputs // self.channels
            w.operator("DEPTHWISE_CONV_2D" if depthwise else "CONV_2D", 3, [x, f, b], [y],
                       "DepthwiseConv2DOptions" if depthwise else "Conv2DOptions", **options)
        return [x], y


def image(shape, w, quantisation=Quantisation(np.float32(0.02), -3), dtype=np.int8):
    return w.tensor((1, *shape.size, shape.channels), quantisation, dtype)


def addition(shape, w, d):
    a, b = image(shape, w), image(shape, w, Quantisation(np.float32(0.03), 5))
    scale = 1e-9 if shape.finish == "exact" else 0.04
    y = w.tensor(a.shape, Quantisation(np.float32(scale), 0 if shape.finish == "clamped" else -4))
    w.operator("ADD", 2, [a, b], [y], "AddOptions", FusedActivationFunction=shape.activation)
    return [a, b], y


def product(shape, w, d):
    a, b = image(shape, w), image(shape, w, Quantisation(np.float32(0.03), 5))
    y = w.tensor(a.shape, Quantisation(np.float32(0.04), -4))
    w.operator("MUL", 2, [a, b], [y], "MulOptions", FusedActivationFunction=NONE)
    return [a, b], y


def pooled(name):
    def build(shape, w, d):
        x = image(shape, w)
        return [x], layers.pool(w, x, name, shape.kernel, shape.stride, shape.padding)
    return build


def unary(layer, quantisation=Quantisation(np.float32(0.02), -3), dtype=np.int8):
    def build(shape, w, d):
        x = image(shape, w, quantisation, dtype)
        return [x], layer(shape, w, d, x)
    return build


def joined(shape, w, d):
    x = image(shape, w)
    y = image(shape, w)
    return [x, y], layers.concatenation(w, [x, y], 3)


def shapes():
    """The grid."""
    s = []
    for size, channels, outputs, kernel, stride in [
        ((32, 32), 3, 16, 3, 1), ((32, 32), 16, 16, 3, 1), ((32, 32), 16, 32, 3, 2),
        ((16, 16), 32, 32, 3, 1), ((8, 8), 64, 64, 3, 1), ((16, 16), 64, 32, 3, 1),
        ((96, 96), 3, 8, 3, 3), ((48, 48), 3, 24, 3, 2), ((24, 24), 8, 8, 5, 1),
        ((32, 32), 3, 32, 5, 1), ((12, 12), 20, 12, 3, 1), ((12, 12), 6, 10, 3, 1),
        ((20, 20), 5, 9, 3, 1), ((9, 9), 12, 7, 3, 1), ((7, 7), 96, 24, 3, 1),
        ((32, 32), 16, 16, 1, 1), ((32, 32), 3, 4, 1, 1), ((32, 32), 4, 24, 1, 1),
        ((32, 32), 24, 24, 1, 1), ((16, 16), 32, 64, 1, 2), ((25, 5), 64, 64, 1, 1),
        ((10, 10), 128, 128, 1, 1), ((40, 40), 8, 16, 1, 1), ((20, 20), 10, 15, 1, 1),
        ((1, 1), 128, 64, 1, 1), ((5, 5), 256, 40, 1, 1),
        ((32, 32), 3, 24, 4, 4), ((64, 64), 3, 16, 4, 4), ((32, 32), 3, 48, 8, 8),
        ((16, 16), 6, 16, 2, 2),
    ]:
        s.append(Shape("conv2D", size, channels, outputs, (kernel, kernel), (stride, stride)))
    s += [
        Shape("conv2D", (49, 10), 1, 64, (10, 4), (2, 2)),
        Shape("conv2D", (16, 16), 16, 16, (3, 3), padding=VALID),
        Shape("conv2D", (16, 16), 16, 16, (3, 3), groups=4),
        Shape("conv2D", (16, 16), 16, 16, (3, 3), finish="clamped"),
        Shape("conv2D", (16, 16), 16, 16, (3, 3), finish="exact"),
        Shape("conv2D", (16, 16), 8, 24, finish="clamped"),
        Shape("conv2D", (16, 16), 8, 24, finish="exact"),
    ]
    for size, channels, kernel, stride in [
        ((96, 96), 3, 3, 3), ((32, 32), 4, 3, 1), ((32, 32), 8, 3, 1), ((25, 5), 64, 3, 1),
        ((80, 80), 8, 3, 1), ((40, 40), 16, 3, 2), ((10, 10), 128, 3, 1), ((20, 20), 24, 3, 1),
        ((16, 16), 10, 3, 1), ((16, 16), 7, 3, 1), ((5, 5), 256, 3, 1), ((16, 16), 16, 5, 1),
        ((14, 14), 12, 5, 2), ((12, 12), 16, 7, 1), ((16, 16), 1, 3, 1),
    ]:
        s.append(Shape("depthwiseConv2D", size, channels, None, (kernel, kernel),
                       (stride, stride)))
    s += [
        Shape("depthwiseConv2D", (16, 16), 8, None, (3, 3), padding=VALID),
        Shape("depthwiseConv2D", (16, 16), 4, 8, (3, 3)),
        Shape("depthwiseConv2D", (16, 16), 1, 12, (3, 3)),
        Shape("depthwiseConv2D", (16, 16), 16, None, (3, 3), finish="clamped"),
        Shape("depthwiseConv2D", (16, 16), 16, None, (3, 3), finish="exact"),
    ]
    for channels, outputs in [(64, 10), (64, 12), (256, 100), (1024, 32), (30, 20), (33, 9),
                              (5, 10), (400, 120), (128, 1)]:
        s.append(Shape("fullyConnected", (1, 1), channels, outputs))
    s += [Shape("fullyConnected", (1, 1), 64, 64, finish=f) for f in ("clamped", "exact")]
    for finish in ("quick", "clamped"):
        s += [Shape("add", size, channels, finish=finish, build=addition,
                    elements=2 * size[0] * size[1] * channels)
              for size, channels in [((32, 32), 16), ((8, 8), 64), ((5, 5), 10), ((14, 14), 24)]]
    sizes = [((32, 32), 16), ((8, 8), 64), ((5, 5), 10), ((12, 20), 24)]
    for size, channels in sizes:
        s.append(Shape("mul", size, channels, build=product,
                       elements=2 * size[0] * size[1] * channels))
        for kind, name in [("averagePool2D", "AVERAGE_POOL_2D"), ("maxPool2D", "MAX_POOL_2D")]:
            for kernel, stride in [((2, 2), (2, 2)), ((3, 3), (2, 2)), (size, (1, 1))]:
                s.append(Shape(kind, size, channels, None, kernel, stride, VALID,
                               build=pooled(name)))
        s.append(Shape("mean", size, channels, output=(1, 1), build=unary(
            lambda sh, w, d, x: layers.mean(w, d, x, [1, 2], False))))
        padded = (size[0] + 2, size[1] + 2)
        s.append(Shape("pad", size, channels, output=padded, build=unary(
            lambda sh, w, d, x: layers.pad(w, x, [(0, 0), (1, 1), (1, 1), (0, 0)]))))
        s.append(Shape("transpose", size, channels, build=unary(
            lambda sh, w, d, x: layers.transpose(w, x, (0, 3, 1, 2)))))
        s.append(Shape("logistic", size, channels, build=unary(
            lambda sh, w, d, x: layers.logistic(w, x))))
        s.append(Shape("softmax", size, channels, build=unary(
            lambda sh, w, d, x: layers.softmax(w, x))))
        s.append(Shape("stridedSlice", size, channels, channels // 2, output=size, build=unary(
            lambda sh, w, d, x: layers.strided_slice(
                w, x, [0, 0, 0, 0], [1, *sh.size, sh.channels // 2], [1, 1, 1, 1]))))
        s.append(Shape("copy", size, channels, output=(size[0] // 2, size[1]), build=unary(
            lambda sh, w, d, x: layers.strided_slice(
                w, x, [0, 0, 0, 0], [1, sh.size[0] // 2, sh.size[1], sh.channels],
                [1, 1, 1, 1]))))
        s.append(Shape("concatenation", size, channels, 2 * channels, output=size, build=joined,
                       elements=2 * size[0] * size[1] * channels))
        s.append(Shape("quantize", size, channels, build=unary(
            lambda sh, w, d, x: layers.quantize(w, x, Quantisation(np.float32(0.05), 3)),
            None, np.float32)))
        s.append(Shape("dequantize", size, channels, build=unary(
            lambda sh, w, d, x: layers.dequantize(w, x))))
        s.append(Shape("requantize", size, channels, build=unary(
            lambda sh, w, d, x: layers.quantize(w, x, Quantisation(np.float32(0.05), 3)))))
        doubled = (2 * size[0], 2 * size[1])
        s.append(Shape("resizeNearest", size, channels, output=doubled, build=unary(
            lambda sh, w, d, x: layers.resize_nearest_neighbor(
                w, x, (2 * sh.size[0], 2 * sh.size[1])))))
    return s
