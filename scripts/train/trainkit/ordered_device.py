"""The `ordered` scheme's device half as an int8 graph, and the tables that go with it.

The transform gives its features in thirds of a step. They are the local network's input as they are, and
each unit of the stream is one of their channels, some once for each of their levels; a table of 256
entries makes the unit's symbols of it.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from . import int8
from .data import Dataset, to_float
from .graph import Graph
from .graph_builder import Convolution, GraphBuilder
from .ordered_model import OrderedModel
from .stream import FACTOR, GRAIN, LEVELS, REACH

CALIBRATION_IMAGES = 1000


@dataclass
class Unit:
    """One channel of what is sent. `symbol_of`: by int8 value + 128; `value_of`: in steps; `missing`: in
    steps, of what did not come."""

    level: int
    channel: int
    symbol_of: list[int]
    value_of: list[float]
    missing: float


def units(model: OrderedModel) -> list[Unit]:
    """In the order of the stream."""
    stream = model.stream
    with torch.no_grad():
        values = (torch.arange(-128, 128) / GRAIN).view(1, 1, 16, 16)
        symbols = stream.symbols(values / stream.log_scale.exp())
    found, seen = [], set()
    for level in range(LEVELS):
        size = FACTOR ** (LEVELS - 1 - level)
        for channel in range(stream.channels):
            if not bool(stream.has(level)[channel]):
                continue
            numbers = symbols[level][0, channel].flatten()
            low, high = int(numbers.min()), int(numbers.max())
            found.append(Unit(
                level, channel, (numbers - low).tolist(),
                [float(size * number) for number in range(low, high + 1)],
                0.0 if channel in seen else float(stream.missing[channel].detach())))
            seen.add(channel)
    return found


@dataclass
class Device:
    """The device half in float, scaled and folded."""

    transform: Convolution
    local: list[Convolution]
    dense: torch.nn.Linear

    @classmethod
    def of(cls, model: OrderedModel) -> "Device":
        with torch.no_grad():
            scale = model.stream.log_scale.exp().flatten()
            transform = Convolution.of(model.extractor[-1])
            transform.weight = transform.weight * scale[:, None, None, None]
            transform.bias = transform.bias * scale
            local = [Convolution.of(layer) for layer in model.local.convolutions]
            steps = (scale * model.spread.flatten())[: model.seen]
            local[0].weight = local[0].weight / steps[None, :, None, None]
        transform.name = "features"
        return cls(transform, local, model.local.dense)

    def ranges(self, batches) -> dict[str, tuple[float, float]]:
        found: dict[str, tuple[float, float]] = {}
        with torch.inference_mode():
            for images in batches:
                x, values = self.transform(images).clamp(-REACH, REACH), {}
                x = x[:, : self.local[0].weight.shape[1]]
                for layer in self.local:
                    values[layer.name] = x = layer(x)
                values["pooled"] = x = x.mean(dim=(2, 3))
                values["localLogits"] = F.linear(x, self.dense.weight, self.dense.bias)
                for name, value in values.items():
                    low, high = found.get(name, (0.0, 0.0))
                    found[name] = min(low, float(value.min())), max(high, float(value.max()))
        return found


def graph(model: OrderedModel, dataset: Dataset, count: int = CALIBRATION_IMAGES) -> Graph:
    """int8 image -> `features` [1,H,W,C], thirds of steps, and `localLogits` [1,classes]."""
    device = Device.of(model)
    parts = dataset.train.images[:count].split(250)
    ranges = device.ranges(to_float(part, dataset.side) for part in parts)
    builder = GraphBuilder(ranges, dataset.side, ["localLogits", "features"])
    current = builder.convolve(device.transform, "image", scale=1 / GRAIN)
    seen, all_ = model.seen, model.stream.channels
    if seen < all_:
        current = builder.split(current, ["kept", "others"], [seen, all_ - seen])[0]
    for layer in device.local:
        current = builder.convolve(layer, current)
    pooled = builder.mean(current, "pooled")
    builder.dense(device.dense.weight.detach(), device.dense.bias.detach(), pooled, "localLogits",
                  "classify")
    return builder.graph


def received(symbols: torch.Tensor, table: list[Unit], came: torch.Tensor) -> np.ndarray:
    """symbols [B,units,H,W], how many units came [B] -> what the remote network is given, float32."""
    values = torch.empty(symbols.shape)
    for place, unit in enumerate(table):
        value = torch.tensor(unit.value_of)[symbols[:, place]]
        has = (came > place)[:, None, None]
        values[:, place] = torch.where(has, value, torch.tensor(unit.missing))
    return values.numpy()


def symbols_of(device: Graph, table: list[Unit], images: torch.Tensor):
    """uint8 images [B,S,S,3] -> symbols [B,units,H,W], the features in steps [B,C,H,W], local logits
    [B,classes]."""
    outputs = int8.run(device, images.long() - 128)
    values = outputs["features"].permute(0, 3, 1, 2)
    symbols = torch.stack([torch.tensor(unit.symbol_of)[values[:, unit.channel] + 128]
                           for unit in table], dim=1)
    logits = device.tensors["localLogits"]
    local = (outputs["localLogits"] - logits.zero_point).float() * float(logits.scale)
    return symbols, values.float() / GRAIN, local
