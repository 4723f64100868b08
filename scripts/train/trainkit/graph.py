"""An int8 device graph in memory: what the `.tflite` writer stores and `int8` computes."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Tensor:
    """`data` is None for activations. real = scale * (q - zero point); several scales, one for
    each index of dimension `axis`, mean per-channel weights (zero points 0)."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "int8"
    scales: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    zero_point: int = 0
    axis: int = 0
    data: np.ndarray | None = None

    @property
    def scale(self) -> np.float32:
        return self.scales[0]


@dataclass
class Operator:
    """kind: CONV_2D, DEPTHWISE_CONV_2D, SPLIT_V, CONCATENATION, ADD, MEAN or FULLY_CONNECTED; tensors
    by name."""

    kind: str
    inputs: list[str]
    outputs: list[str]
    stride: int = 1
    activation: str = "NONE"


@dataclass
class Graph:
    inputs: list[str]
    outputs: list[str]
    tensors: dict[str, Tensor] = field(default_factory=dict)
    operators: list[Operator] = field(default_factory=list)

    def add(self, tensor: Tensor) -> str:
        if tensor.name in self.tensors:
            raise ValueError(f"two tensors are named {tensor.name}")
        self.tensors[tensor.name] = tensor
        return tensor.name
