#!/usr/bin/env python3
"""Writes the feature extractor that AgileNN's authors published, as an int8 .tflite file.

    published_extractor.py FILE

Two separable 3x3 convolutions, of 4 and of 24 channels, each a depthwise one, a pointwise one and
ReLU6; the first has stride 3: 96x96x3 to 32x32x24. Weights are random, scales as a converter chooses
them; what it costs depends on neither.
"""
import pathlib
import sys

import numpy as np
import tflite

from model_writer import ModelWriter, Quantisation

RELU6 = Quantisation(np.float32(6 / 255), -128)


def convolution(w, random, x, kind, channels, kernel, stride, output, activation):
    depthwise = kind == "DEPTHWISE_CONV_2D"
    depth = x.shape[3]
    shape = (1, kernel, kernel, channels) if depthwise else (channels, kernel, kernel, depth)
    scales = np.float32(random.uniform(0.002, 0.01, size=channels))
    f = w.constant(random.integers(-127, 128, size=shape), np.int8,
                   Quantisation(scales, 0, 3 if depthwise else 0))
    b = w.constant(random.integers(-500, 500, size=channels), np.int32,
                   Quantisation(np.float32(x.quantisation.scale) * scales, 0))
    y = w.tensor((1, -(-x.shape[1] // stride), -(-x.shape[2] // stride), channels), output)
    options = {"DepthMultiplier": 1} if depthwise else {}
    w.operator(kind, 3, [x, f, b], [y], "DepthwiseConv2DOptions" if depthwise else "Conv2DOptions",
               Padding=tflite.Padding.SAME, StrideH=stride, StrideW=stride, DilationHFactor=1,
               DilationWFactor=1, FusedActivationFunction=activation, **options)
    return y


def model():
    """The file's bytes."""
    w, random = ModelWriter(), np.random.default_rng(1)
    kinds = tflite.ActivationFunctionType
    x = image = w.tensor((1, 96, 96, 3), Quantisation(np.float32(1 / 255), -128))
    for channels, stride in ((4, 3), (24, 1)):
        x = convolution(w, random, x, "DEPTHWISE_CONV_2D", x.shape[3], 3, stride,
                        Quantisation(np.float32(0.04), 3), kinds.NONE)
        x = convolution(w, random, x, "CONV_2D", channels, 1, 1, RELU6, kinds.RELU6)
    return w.write([image], [x])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: published_extractor.py FILE")
    pathlib.Path(sys.argv[1]).write_bytes(model())
