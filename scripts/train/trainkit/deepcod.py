"""DeepCOD (Yao and others, SenSys 2020): a tiny encoder on the device, a decoder on the server that rebuilds
the image, and a network that answers it as if it were the image.

The encoder is one convolution whose stride is its kernel, without bias and activation, as the authors
released it. Its values become one of a few learned centres. The decoder has self-attention, two residual
blocks that double the side, and a convolution to RGB.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from . import backbone, data, evaluate, lite, loop, teacher
from .body import Body
from .convolution import DeviceConvolution
from .data import Batches, Dataset
from .quantiser import Quantiser

BLOCK = 4
# Images whose features the centres start from.
SAMPLES = 2000


def channels_of(ratio: float) -> int:
    """Of the encoder: a share of the values of a block."""
    return max(int(3 * BLOCK * BLOCK * ratio), 1)


class SelfAttention(nn.Module):
    """Each position of [B,C,H,W] looks at all others; what it finds is added, at first nothing (Zhang and
    others, 2019)."""

    def __init__(self, channels: int):
        super().__init__()
        inner = max(1, channels // 8)
        self.query = nn.Conv2d(channels, inner, 1)
        self.key = nn.Conv2d(channels, inner, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        query, key, value = (part(x).flatten(2) for part in (self.query, self.key, self.value))
        shares = (query.transpose(1, 2) @ key).softmax(2)
        return x + self.weight * (value @ shares.transpose(1, 2)).view_as(x)


class Doubling(nn.Module):
    """[B,C,H,W] -> [B,outputs,2H,2W]: two convolutions, and a skip of one."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.first = nn.Conv2d(inputs, 4 * outputs, 3, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, 4 * outputs, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(F.pixel_shuffle(self.first(x), 2))
        return F.relu(self.second(y) + F.pixel_shuffle(self.skip(x), 2))


class Decoder(nn.Sequential):
    """Features [B,channels,S,S] -> images [B,3,4S,4S] in [0,1]."""

    def __init__(self, channels: int, width: int):
        super().__init__(
            nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(), SelfAttention(width),
            Doubling(width, width), Doubling(width, width // 2),
            nn.Conv2d(width // 2, 3, 3, padding=1), nn.Sigmoid())


class DeepCODModel(nn.Module):
    """`answering`: the backbone, in evaluation mode whatever trains."""

    def __init__(self, network, name: str):
        super().__init__()
        self.encoder = DeviceConvolution("features", 3, channels_of(network.ratio), BLOCK, BLOCK,
                                         norm=False)
        self.quantiser = Quantiser(network.centres, network.quantiserTemperature)
        self.decoder = Decoder(channels_of(network.ratio), network.width)
        self.answering = backbone.rebuild(name)
        if backbone.about(name):
            lite.train_steadily(self.answering.adapter)
            lite.train_steadily(self.answering.trunk)
        self.train()

    def train(self, mode: bool = True) -> "DeepCODModel":
        super().train(mode)
        self.answering.eval()
        return self

    def forward(self, images: torch.Tensor):
        """-> logits [B,classes], the images as rebuilt, mean bits a symbol."""
        received, bits = self.quantiser(self.encoder(images))
        rebuilt = self.decoder(received)
        return self.answering(rebuilt), rebuilt, bits

    def remote(self) -> Body:
        """What the server runs: decoder and backbone in one."""
        body = self.answering
        classes, width = body.dense.weight.shape
        result = Body(nn.Sequential(self.decoder, *body.adapter), body.trunk, width, classes)
        result.dense = body.dense
        return result.eval()


def train(config, dataset: Dataset, out: Path) -> DeepCODModel:
    """`config`: a `DeepCODConfig`. Goes on from `out`'s checkpoint; -> in evaluation mode."""
    torch.manual_seed(config.seed)
    model, stage = DeepCODModel(config.network, config.backbone), config.joint
    model.answering.requires_grad_(stage.trunkRate > 0)
    with torch.no_grad():
        # Lengths are kept, so that centres and rates mean the same whatever the images are.
        model.encoder.conv.weight.normal_().div_(
            model.encoder.conv.weight.flatten(1).norm(dim=1).view(-1, 1, 1, 1))
        images = data.to_float(dataset.train.images[:SAMPLES], dataset.side)
        model.quantiser.start_from(model.encoder(images))
    targets = teacher.targets(config.backbone, stage, config.dataset, dataset, out.parent)

    def loss(batch):
        logits, rebuilt, bits = model(batch.images)
        error = F.mse_loss(rebuilt, batch.images)
        value = F.cross_entropy(logits, targets(batch)) + stage.reconstructionWeight * error
        right = (logits.detach().argmax(1) == batch.labels).float().mean()
        return value, {"trainAccuracy": 100.0 * float(right), "error": float(error.detach()),
                       "bits": float(bits.detach())}

    scales = {"answering": stage.trunkRate, "quantiser": stage.quantiserRate}
    mark = "-".join([config.fingerprint(), backbone.digest(config.backbone), dataset.train.digest])
    loop.run(loop.Stage(
        name="joint", module=model, batches=Batches(dataset, stage.batch, config.dataset, config.seed),
        loss=loss, epochs=stage.epochs, rates=loop.Rates.of(stage, scales, by_sgd=("answering",)),
        evaluate=lambda: {"heldAccuracy": evaluate.accuracy(
            lambda images: model(images)[0], dataset, 1000, dataset.held)},
        fingerprint=mark), out)
    return model.eval()
