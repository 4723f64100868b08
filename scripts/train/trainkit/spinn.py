"""SPINN (Laskaridis and others, MobiCom 2020): a backbone with early exits, trained as one.

The network is a Lite0 that sees images of one side. The device runs its first blocks, with an exit at each
cut. The server runs what is behind the cut that was chosen.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from . import backbone, evaluate, lite, loop, teacher
from .body import Body
from .data import Batches, Dataset
from .lite import LiteUnit, Single

# That can be cut behind; the trunk's last convolution is none of them.
BLOCKS = sum(count for _, _, _, count, _ in lite.STAGES)
# What the backbone's stem is given of a pixel from 0 to 1.
SLOPE, SHIFT = 255 / 128, 127 / 128


class Exit(nn.Module):
    """Maps [B,C,H,W] -> logits [B,classes]: a 1x1 convolution, a pooled mean, a dense layer."""

    def __init__(self, channels: int, width: int, classes: int):
        super().__init__()
        self.widened = LiteUnit(channels, width)
        self.single = Single()
        self.dense = nn.Linear(width, classes)
        # No class is favoured before anything is learned.
        nn.init.zeros_(self.dense.weight)
        nn.init.zeros_(self.dense.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.dense(self.single(self.widened(x)).mean(dim=(2, 3)))


def stem_on_pixels(body: Body) -> LiteUnit:
    """The backbone's stem for images in [0,1]: the scaling before it goes into its weights and its norm. It
    is the same but at the border, which is padded with black, as the int8 graph pads it."""
    stem = body.adapter[1]
    with torch.no_grad():
        stem.norm.running_mean += SHIFT * stem.conv.weight.sum(dim=(1, 2, 3))
        stem.conv.weight *= SLOPE
    return stem


class SPINNModel(nn.Module):
    """`network`: a `NetworkConfig`; `name`: the backbone's."""

    def __init__(self, network, name: str):
        super().__init__()
        self.cuts = list(network.cuts)
        body = backbone.rebuild(name)
        self.stem, self.trunk, self.dense = stem_on_pixels(body), body.trunk, body.dense
        classes = len(self.dense.bias)
        self.exits = nn.ModuleList(
            Exit(channels_behind(self.trunk[cut]), network.exitWidth, classes) for cut in self.cuts)

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        """images [B,3,S,S] in [0,1] -> logits [B,classes] of each exit, and of the whole network."""
        x, found = self.stem(images), []
        for number, layer in enumerate(self.trunk):
            x = layer(x)
            if number in self.cuts:
                found.append(self.exits[len(found)](x))
        return [*found, self.dense(x.mean(dim=(2, 3)))]

    def remote(self, cut: int) -> Body:
        """What the server runs behind a cut."""
        classes, width = self.dense.weight.shape
        result = Body(nn.Identity(), self.trunk[cut + 1 :], width, classes)
        result.dense = self.dense
        return result.eval()


def channels_behind(block: nn.Module) -> int:
    return block.units[-1].conv.out_channels


def demand(network) -> tuple[int, int]:
    """-> bytes that the device half needs at least, by its form: of the maps that one layer reads and
    writes, and of the weights."""
    units = [LiteUnit(3, lite.STEM, 3, 2)]
    trunk = lite.trunk()
    units += [unit for block in trunk[: network.cuts[-1] + 1] for unit in block.units]
    side, most, weights = network.side, 0, 0
    for unit in units:
        conv = unit.conv
        before, side = conv.in_channels * side**2, -(-side // conv.stride[0])
        most = max(most, before + conv.out_channels * side**2)
        weights += conv.weight.numel()
    weights += sum(channels_behind(trunk[cut]) * network.exitWidth for cut in network.cuts)
    return most, weights


def train(config, dataset: Dataset, out: Path) -> SPINNModel:
    """`config`: an `SPINNConfig`. Goes on from `out`'s checkpoint; -> in evaluation mode."""
    torch.manual_seed(config.seed)
    stage = config.joint
    model = SPINNModel(config.network, config.backbone).to(memory_format=torch.channels_last)
    names = [*(f"exit{cut}" for cut in model.cuts), "whole"]
    targets = teacher.targets(config.backbone, stage, config.dataset, dataset, out.parent)

    def loss(batch):
        answers, wanted = model(batch.images), targets(batch)
        value = sum(weight * F.cross_entropy(logits, wanted)
                    for weight, logits in zip([*stage.exitWeights, 1.0], answers, strict=True))
        return value, {f"{name}Train": 100.0 * float(
            (logits.detach().argmax(1) == batch.labels).float().mean())
            for name, logits in zip(names, answers)}

    def held():
        return {f"{name}Held": evaluate.accuracy(
            lambda images: model(images)[place], dataset, 1000, dataset.held)
            for place, name in enumerate(names)}

    mark = "-".join([config.fingerprint(), backbone.digest(config.backbone), dataset.train.digest])
    loop.run(loop.Stage(
        name="joint", module=model, batches=Batches(dataset, stage.batch, config.dataset, config.seed),
        loss=loss, epochs=stage.epochs, rates=loop.Rates.of(stage, {"exits": stage.exitRate}),
        evaluate=held, fingerprint=mark), out)
    return model.eval()
