"""What a graph's tensors reach, found by laying the graph over float maps."""

import torch
import torch.nn.functional as F

from .graph_builder import Convolution


class Ranges:
    """Has those of `GraphBuilder`'s methods that device networks are laid by, on float maps [B,C,H,W].
    `found`: the least and the greatest value of what each makes, zero included, by name."""

    def __init__(self):
        self.found: dict[str, tuple[float, float]] = {}

    def noted(self, name: str, value: torch.Tensor) -> torch.Tensor:
        low, high = self.found.get(name, (0.0, 0.0))
        self.found[name] = min(low, float(value.min())), max(high, float(value.max()))
        return value

    def convolve(self, layer: Convolution, source: torch.Tensor) -> torch.Tensor:
        return self.noted(layer.name, layer(source))

    def add(self, one: torch.Tensor, other: torch.Tensor, name: str) -> torch.Tensor:
        return self.noted(name, one + other)

    def mean(self, source: torch.Tensor, name: str) -> torch.Tensor:
        return self.noted(name, source.mean(dim=(2, 3)))

    def dense(self, weight: torch.Tensor, bias: torch.Tensor, source: torch.Tensor, name: str,
              parameters: str) -> torch.Tensor:
        return self.noted(name, F.linear(source, weight, bias))
