"""Small int8 device graphs and float32 remote graphs with seeded random weights.

Scales are calibrated on pictures: every layer is computed in float32 beside its int8 twin.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import tflite
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "oracle"))

from model_writer import ModelWriter, Quantisation  # noqa: E402

NONE, RELU = tflite.ActivationFunctionType.NONE, tflite.ActivationFunctionType.RELU


def pictures(random, count, grid, patch):
    """Pictures with some structure, so that patches differ: blocks of colour and a little noise."""
    blocks = random.integers(0, 256, size=(count, grid, grid, 3))
    images = np.kron(blocks, np.ones((1, patch, patch, 1)))
    return np.clip(images + random.normal(0, 20, images.shape), 0, 255) / 255


def symmetric(values):
    """int8 values and their scale."""
    scale = np.float32(np.abs(values).max() / 127)
    return np.rint(values / scale).astype(np.int8), scale


def spread(values):
    """A scale and zero point that hold the values."""
    return Quantisation(np.float32((values.max() - values.min()) / 250),
                        int(np.rint(-(values.max() + values.min()) / 2
                                    / ((values.max() - values.min()) / 250))))


def weighted(w, values, x_scale):
    """A layer's weights and its bias, which is zero."""
    ints, scale = symmetric(values)
    kernel = w.constant(ints, np.int8, Quantisation(scale, 0))
    bias = w.constant(np.zeros(len(ints)), np.int32, Quantisation(np.float32(x_scale * scale), 0))
    return kernel, bias


class DeviceGraph:
    """An int8 graph that grows layer by layer. `values` has each tensor's float32 twin."""

    def __init__(self, random, images):
        self.random, self.writer, self.values = random, ModelWriter(), {}
        self.image = self._tensor(images, Quantisation(np.float32(1 / 255), -128), "image")

    def convolve(self, x, channels, size, stride, name=None):
        """A convolution without padding, and ReLU; a scale for each of its output channels."""
        values = self.values[x.index]
        kernel = self.random.normal(0, 1, (channels, size, size, values.shape[-1]))
        kernel -= kernel.mean(axis=(1, 2, 3), keepdims=True)
        result = np.maximum(windows(values, size, stride, kernel), 0)
        y = self._tensor(result, Quantisation(np.float32(result.max() / 255), -128), name)
        scales = (np.abs(kernel).max(axis=(1, 2, 3)) / 127).astype(np.float32)
        ints = np.rint(kernel / scales[:, None, None, None]).astype(np.int8)
        w = self.writer
        w.operator("CONV_2D", 3,
                   [x, w.constant(ints, np.int8, Quantisation(scales, 0)),
                    w.constant(np.zeros(channels), np.int32,
                               Quantisation(x.quantisation.scales[0] * scales, 0))],
                   [y], "Conv2DOptions", Padding=tflite.Padding.VALID, StrideH=stride,
                   StrideW=stride, DilationHFactor=1, DilationWFactor=1,
                   FusedActivationFunction=RELU)
        return y

    def mean(self, x):
        """The mean of each channel."""
        result = self.values[x.index].mean(axis=(1, 2))
        # With 0 in the range, which is what int8 zero points are for.
        y = self._tensor(result, spread(np.append(result, 0)))
        self.writer.operator("MEAN", 2, [x, self.writer.constant([1, 2])], [y], "ReducerOptions",
                             KeepDims=False)
        return y

    def classify(self, x, classes, name, strength):
        """A dense layer of one logit a class, whose standard deviation is about `strength`."""
        values = self.values[x.index].reshape(len(self.values[x.index]), -1)
        dense = self.random.normal(0, 1, (classes, values.shape[1]))
        # Classes differ by what is special in an image, not by what all images have.
        dense -= np.outer(dense @ values.mean(axis=0), values.mean(axis=0)) / (
            values.mean(axis=0) @ values.mean(axis=0))
        dense *= strength / (values @ dense.T).std()
        result = values @ dense.T
        y = self._tensor(result, spread(result), name)
        w = self.writer
        w.operator("FULLY_CONNECTED", 4, [x, *weighted(w, dense, x.quantisation.scales[0])], [y],
                   "FullyConnectedOptions", FusedActivationFunction=NONE)
        return y

    def write(self, *outputs):
        return self.writer.write([self.image], outputs)

    def _tensor(self, values, quantisation, name=None):
        tensor = self.writer.tensor((1, *values.shape[1:]), quantisation, name=name)
        self.values[tensor.index] = values
        return tensor


def windows(values, size, stride, kernel):
    """A convolution [N,H,W,C] by [O,size,size,C], without padding, in floating point."""
    seen = np.lib.stride_tricks.sliding_window_view(values, (size, size), axis=(1, 2))
    return np.einsum("nyxchw,ohwc->nyxo", seen[:, ::stride, ::stride], kernel)


def remote_graph(random, features, to, classes, filters, size, stride):
    """The .onnx bytes of a convolution, ReLU and a dense layer.

    features: float32 [N,channels,height,width] of some pictures, to bring the logits to a size.
    """
    kernel = random.normal(0, 1, (filters, features.shape[1], size, size))
    kernel -= kernel.mean(axis=(1, 2, 3), keepdims=True)
    maps = windows(features.transpose(0, 2, 3, 1), size, stride, kernel.transpose(0, 2, 3, 1))
    flat = np.maximum(maps, 0).transpose(0, 3, 1, 2).reshape(len(maps), -1)
    dense = random.normal(0, 1, (classes, flat.shape[1]))
    dense *= 3 / (flat @ dense.T).std()
    bias = -(flat @ dense.T).mean(axis=0)
    model = helper.make_model(
        helper.make_graph(
            [helper.make_node("Conv", [to, "kernel"], ["maps"], strides=[stride, stride]),
             helper.make_node("Relu", ["maps"], ["positive"]),
             helper.make_node("Flatten", ["positive"], ["flat"], axis=1),
             helper.make_node("Gemm", ["flat", "dense", "bias"], ["logits"], transB=1)],
            "remote",
            [helper.make_tensor_value_info(to, TensorProto.FLOAT, ["N", *features.shape[1:]])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", classes])],
            [numpy_helper.from_array(values.astype(np.float32), name)
             for name, values in (("kernel", kernel), ("dense", dense), ("bias", bias))]),
        opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model.SerializeToString()
