"""Puts an int8 `Graph` together, layer by layer: what is called first runs first.

Scheme: TensorFlow Lite's int8 specification. Activations are asymmetric per tensor, weights
symmetric per output channel (the dense layer's per tensor), biases int32 with scale
input scale * weight scale.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from .convolution import ACTIVATIONS, DeviceConvolution, pad_same
from .fold import folded
from .graph import Graph, Operator, Tensor


@dataclass
class Convolution:
    """A folded float convolution: weight [O,I/groups,kh,kw], bias [O]."""

    name: str
    weight: torch.Tensor
    bias: torch.Tensor
    stride: int
    activation: str
    depthwise: bool

    @classmethod
    def of(cls, layer: DeviceConvolution) -> "Convolution":
        if layer.norm is not None:
            weight, bias = folded(layer.conv, layer.norm)
        else:
            weight = layer.conv.weight.detach().clone()
            bias = (torch.zeros(len(weight)) if layer.conv.bias is None
                    else layer.conv.bias.detach().clone())
        return cls(layer.name, weight, bias, layer.stride, layer.activation, layer.depthwise)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        x = pad_same(x, self.weight.shape[2], self.stride)
        groups = self.weight.shape[0] if self.depthwise else 1
        return ACTIVATIONS[self.activation](
            F.conv2d(x, self.weight, self.bias, self.stride, groups=groups))


def activation_tensor(name: str, shape, low: float, high: float) -> Tensor:
    scale = np.float32(max(high - low, 1e-6) / 255.0)
    zero_point = int(np.clip(np.round(-128 - low / float(scale)), -128, 127))
    return Tensor(name, tuple(shape), scales=np.array([scale]), zero_point=zero_point)


def quantised_weight(weight: np.ndarray, axis: int | None) -> tuple[np.ndarray, np.ndarray]:
    """-> int8 weights in [-127,127], float32 scales: one for each index of `axis`, or one."""
    others = None if axis is None else tuple(d for d in range(weight.ndim) if d != axis)
    greatest = np.maximum(np.abs(weight).max(axis=others, keepdims=True), 1e-8)
    scales = (greatest / 127.0).astype(np.float32)
    return np.clip(np.round(weight / scales), -127, 127).astype(np.int8), scales.reshape(-1)


def _weights(graph: Graph, name: str, weight: np.ndarray, bias: np.ndarray, axis: int | None,
             input_scale: np.float32) -> list[str]:
    data, scales = quantised_weight(weight, axis)
    bias_scales = (input_scale * scales).astype(np.float32)
    bias_data = np.clip(np.round(bias / bias_scales.astype(np.float64)),
                        -(2**31), 2**31 - 1).astype(np.int32)
    return [
        graph.add(Tensor(name + "/weight", data.shape, "int8", scales, 0, axis or 0, data)),
        graph.add(Tensor(name + "/bias", bias_data.shape, "int32", bias_scales, 0, 0, bias_data)),
    ]


class GraphBuilder:
    """`ranges`: least and greatest value by the name of a layer, for the tensors whose scale nothing
    else gives. Methods take and give names of tensors."""

    def __init__(self, ranges: dict[str, tuple[float, float]], side: int, outputs: list[str]):
        """Begins with an int8 image [1,side,side,3], scale 1/255, zero point -128."""
        self.ranges = ranges
        self.graph = Graph(inputs=["image"], outputs=outputs)
        self.graph.add(Tensor("image", (1, side, side, 3),
                              scales=np.array([1 / 255], np.float32), zero_point=-128))

    def shape(self, name: str) -> tuple[int, ...]:
        return self.graph.tensors[name].shape

    def _activation(self, name: str, shape: tuple[int, ...], scale: float | None) -> str:
        if scale is not None:
            return self.graph.add(Tensor(name, shape, scales=np.array([scale], np.float32)))
        return self.graph.add(activation_tensor(name, shape, *self.ranges[name]))

    def _operator(self, kind: str, inputs: list[str], outputs: list[str], **settings) -> None:
        self.graph.operators.append(Operator(kind, inputs, outputs, **settings))

    def convolve(self, layer: Convolution, source: str, scale: float | None = None) -> str:
        """`scale`: of the output, whose zero point is then 0."""
        tensor = self.graph.tensors[source]
        weight = layer.weight.double().numpy()
        # TensorFlow's orders: [O,h,w,I], and [1,h,w,O] for depthwise.
        weight = weight.transpose(1, 2, 3, 0) if layer.depthwise else weight.transpose(0, 2, 3, 1)
        parameters = _weights(self.graph, layer.name, weight, layer.bias.double().numpy(),
                              3 if layer.depthwise else 0, tensor.scale)
        side = -(-tensor.shape[1] // layer.stride)
        output = self._activation(layer.name, (1, side, side, layer.weight.shape[0]), scale)
        self._operator("DEPTHWISE_CONV_2D" if layer.depthwise else "CONV_2D",
                       [source, *parameters], [output], stride=layer.stride,
                       activation=layer.activation)
        return output

    def split(self, source: str, names: list[str], counts: list[int]) -> list[str]:
        """The channels in pieces."""
        tensor = self.graph.tensors[source]
        for name, count in zip(names, counts, strict=True):
            self.graph.add(Tensor(name, (*tensor.shape[:3], count), "int8", tensor.scales,
                                  tensor.zero_point))
        sizes = self.graph.add(Tensor(f"{source}/sizes", (len(counts),), "int32",
                                      data=np.array(counts, np.int32)))
        axis = self.graph.add(Tensor(f"{source}/axis", (), "int32", data=np.array(3, np.int32)))
        self._operator("SPLIT_V", [source, sizes, axis], names)
        return names

    def concatenate(self, sources: list[str], name: str) -> str:
        """Channels one after the other, of tensors of one scale."""
        tensors = [self.graph.tensors[source] for source in sources]
        first = tensors[0]
        if any(tensor.scale != first.scale or tensor.zero_point != first.zero_point
               for tensor in tensors):
            raise ValueError("tensors of several scales")
        count = sum(tensor.shape[3] for tensor in tensors)
        self.graph.add(Tensor(name, (*first.shape[:3], count), "int8", first.scales,
                              first.zero_point))
        self._operator("CONCATENATION", sources, [name])
        return name

    def add(self, one: str, other: str, name: str, activation: str = "NONE") -> str:
        output = self._activation(name, self.shape(one), None)
        self._operator("ADD", [one, other], [output], activation=activation)
        return output

    def mean(self, source: str, name: str) -> str:
        """Over the positions: [1,H,W,C] -> [1,C]."""
        axes = self.graph.add(Tensor(f"{name}/axes", (2,), "int32",
                                     data=np.array([1, 2], np.int32)))
        output = self._activation(name, (1, self.shape(source)[3]), None)
        self._operator("MEAN", [source, axes], [output])
        return output

    def dense(self, weight: torch.Tensor, bias: torch.Tensor, source: str, name: str,
              parameters: str) -> str:
        """`parameters`: what the names of the weights begin with."""
        tensors = _weights(self.graph, parameters, weight.double().numpy(), bias.double().numpy(),
                           None, self.graph.tensors[source].scale)
        output = self._activation(name, (1, len(bias)), None)
        self._operator("FULLY_CONNECTED", [source, *tensors], [output])
        return output
