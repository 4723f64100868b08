"""The networks of the `ordered` scheme: a linear transform, its stream, a pre-trained trunk behind an
entry, and a local network that sees all channels."""

from dataclasses import dataclass

import torch
from torch import nn

from . import backbone, lite
from .body import Body
from .entry import entry
from .errors import UserError
from .extractor import Extractor
from .model import LocalNetwork
from .stream import REACH, Stream

KNOTS = 13


@dataclass(frozen=True)
class Entrance:
    """How features enter a backbone: their channels, the blocks that the entry replaces besides the
    stem, and its own channels."""

    channels: int
    entry: int
    entryWidth: int


def remote_network(name: str, network, side: int) -> Body:
    """A backbone whose stem and first `network.entry` blocks an entry replaces. `network`: an
    `Entrance`, or a configuration with its settings; `side`: the features'."""
    body = backbone.rebuild(name)
    made = backbone.about(name)
    if not made:
        raise UserError(f"backbone {name}: no Lite0")
    front = lite.settle(body, network.entry)
    with torch.no_grad():
        maps = front(torch.zeros(1, 3, made["side"], made["side"])).shape
    classes, width = body.dense.weight.shape
    way = entry(network.channels, side, network.entryWidth, maps[1], maps[2], network.entry)
    result = Body(way, body.trunk[network.entry:], width, classes)
    result.dense = body.dense
    lite.train_steadily(result.trunk)
    return result.requires_grad_(True)


class OrderedModel(nn.Module):
    """combined = alpha * local + (1 - alpha) * remote on logits, alpha by the units that came."""

    def __init__(self, network, backbone_name: str, side: int):
        super().__init__()
        self.extractor = Extractor(network)
        cells = side // self.extractor[-1].stride
        self.stream = Stream(network.channels, network.step)
        self.remote = remote_network(backbone_name, network, cells)
        self.local = LocalNetwork(network, len(self.remote.dense.bias))
        # The channels that the local network sees, the first ones.
        self.seen = network.localChannels
        # The channels' sizes differ by fifty times: the local network gets them alike.
        self.register_buffer("spread", torch.ones(network.channels, 1, 1))
        # alpha's logits at evenly spaced numbers of units, and linear between: as it starts the
        # local answer counts alone where nothing came, and hardly where all did.
        self.mixing = nn.Parameter(torch.linspace(3.0, -3.0, KNOTS))
        self.train()

    def train(self, mode: bool = True) -> "OrderedModel":
        super().train(mode)
        self.remote.trunk.eval()
        return self

    def start_from(self, features: torch.Tensor) -> None:
        with torch.no_grad():
            self.spread.copy_(features.std(dim=(0, 2, 3))[:, None, None].clamp_min(1e-6))
        self.stream.start_from(features)

    def local_answer(self, features: torch.Tensor) -> torch.Tensor:
        scale = self.stream.log_scale.exp()
        # The device's features end where the stream's do.
        held = (features * scale).clamp(-REACH, REACH) / scale
        return self.local((held / self.spread)[:, : self.seen])

    def alpha(self, units: torch.Tensor) -> torch.Tensor:
        """[B] by the units that came, [B]."""
        place = units * (KNOTS - 1) / self.stream.units
        before = place.floor().long().clamp_max(KNOTS - 2)
        share = place - before
        return torch.sigmoid(self.mixing[before] * (1 - share) + self.mixing[before + 1] * share)

    def combine(self, local: torch.Tensor, remote: torch.Tensor, units: torch.Tensor) -> torch.Tensor:
        alpha = self.alpha(units)[:, None]
        return alpha * local + (1 - alpha) * remote

    def answer(self, features: torch.Tensor, units: torch.Tensor):
        """features [B,C,H,W], units [B] -> logits combined, local, remote [B,classes]; bits [B]."""
        local = self.local_answer(features)
        received, bits = self.stream(features, units)
        remote = self.remote(received)
        return self.combine(local, remote, units), local, remote, bits
