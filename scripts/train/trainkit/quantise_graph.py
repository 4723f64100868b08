"""Post-training quantisation of the device half: float modules -> an int8 `Graph`.

Ranges come from running the folded float network over training images; a range always holds zero.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from .graph import Graph
from .graph_builder import Convolution, GraphBuilder
from .model import AgileModel


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


def device_graph(network: DeviceNetwork, found: dict[str, tuple[float, float]],
                 side: int) -> Graph:
    """int8 image [1,side,side,3], scale 1/255, zero point -128 -> `localLogits` [1,classes] and
    `features` [1,H,W,C-k], split off inside the graph."""
    builder = GraphBuilder(found, side, ["localLogits", "features"])
    current = "image"
    for layer in network.extractor:
        current = builder.convolve(layer, current)
    sent = builder.shape(current)[3] - network.k
    current, _ = builder.split(current, ["kept", "features"], [network.k, sent])
    for layer in network.local:
        current = builder.convolve(layer, current)
    pooled = builder.mean(current, "pooled")
    builder.dense(network.dense_weight, network.dense_bias, pooled, "localLogits", "classify")
    return builder.graph
