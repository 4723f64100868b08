"""Post-training quantisation of the device half: float modules -> an int8 `Graph`.

Scheme: TensorFlow Lite's int8 specification. Activations are asymmetric per tensor, weights
symmetric per output channel (the dense layer's per tensor), biases int32 with scale
input scale * weight scale. Ranges come from running the folded float network over training
images; a range always holds zero.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from .convolution import ACTIVATIONS, DeviceConvolution, pad_same
from .fold import folded
from .graph import Graph, Operator, Tensor
from .model import AgileModel


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


@dataclass
class DeviceNetwork:
    """The device half in float, batch norm folded."""

    extractor: list[Convolution]
    local: list[Convolution]
    dense_weight: torch.Tensor
    dense_bias: torch.Tensor
    k: int

    @classmethod
    def of(cls, model: AgileModel) -> "DeviceNetwork":
        return cls([Convolution.of(layer) for layer in model.extractor],
                   [Convolution.of(layer) for layer in model.local.convolutions],
                   model.local.dense.weight.detach(), model.local.dense.bias.detach(), model.k)

    def activations(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        """Every activation by the name of what made it; the extractor's last are the features."""
        result, x = {}, images
        for layer in self.extractor:
            result[layer.name] = x = layer(x)
        x = x[:, : self.k]
        for layer in self.local:
            result[layer.name] = x = layer(x)
        result["pooled"] = x = x.mean(dim=(2, 3))
        result["localLogits"] = F.linear(x, self.dense_weight, self.dense_bias)
        return result


def ranges(network: DeviceNetwork, batches) -> dict[str, tuple[float, float]]:
    """Least and greatest value of each activation over the batches, zero included."""
    found: dict[str, tuple[float, float]] = {}
    with torch.inference_mode():
        for images in batches:
            for name, value in network.activations(images).items():
                low, high = found.get(name, (0.0, 0.0))
                found[name] = (min(low, float(value.min())), max(high, float(value.max())))
    return found


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


def device_graph(network: DeviceNetwork, found: dict[str, tuple[float, float]],
                 side: int) -> Graph:
    """int8 image [1,side,side,3], scale 1/255, zero point -128 -> `localLogits` [1,classes] and
    `features` [1,H,W,C-k], split off inside the graph."""
    graph = Graph(inputs=["image"], outputs=["localLogits", "features"])
    graph.add(Tensor("image", (1, side, side, 3),
                     scales=np.array([1 / 255], np.float32), zero_point=-128))
    current = "image"

    def convolve(layer: Convolution):
        nonlocal current
        source = graph.tensors[current]
        weight = layer.weight.double().numpy()
        # TensorFlow's orders: [O,h,w,I], and [1,h,w,O] for depthwise.
        weight = weight.transpose(1, 2, 3, 0) if layer.depthwise else weight.transpose(0, 2, 3, 1)
        parameters = _weights(graph, layer.name, weight, layer.bias.double().numpy(),
                              3 if layer.depthwise else 0, source.scale)
        outputs = -(-source.shape[1] // layer.stride)
        output = graph.add(activation_tensor(
            layer.name, (1, outputs, outputs, layer.weight.shape[0]), *found[layer.name]))
        graph.operators.append(Operator(
            "DEPTHWISE_CONV_2D" if layer.depthwise else "CONV_2D",
            [current, *parameters], [output], layer.stride, layer.activation))
        current = output

    for layer in network.extractor:
        convolve(layer)

    whole = graph.tensors[current]
    cells, sent = whole.shape[1], whole.shape[3] - network.k
    kept = graph.add(Tensor("kept", (1, cells, cells, network.k), "int8",
                            whole.scales, whole.zero_point))
    graph.add(Tensor("features", (1, cells, cells, sent), "int8", whole.scales, whole.zero_point))
    sizes = graph.add(Tensor("split/sizes", (2,), "int32",
                             data=np.array([network.k, sent], np.int32)))
    axis = graph.add(Tensor("split/axis", (), "int32", data=np.array(3, np.int32)))
    graph.operators.append(Operator("SPLIT_V", [current, sizes, axis], [kept, "features"]))
    current = kept
    for layer in network.local:
        convolve(layer)

    width = graph.tensors[current].shape[3]
    axes = graph.add(Tensor("pool/axes", (2,), "int32", data=np.array([1, 2], np.int32)))
    pooled = graph.add(activation_tensor("pooled", (1, width), *found["pooled"]))
    graph.operators.append(Operator("MEAN", [current, axes], [pooled]))
    parameters = _weights(graph, "classify", network.dense_weight.double().numpy(),
                          network.dense_bias.double().numpy(), None, graph.tensors[pooled].scale)
    logits = graph.add(activation_tensor(
        "localLogits", (1, len(network.dense_bias)), *found["localLogits"]))
    graph.operators.append(Operator("FULLY_CONNECTED", [pooled, *parameters], [logits]))
    return graph
