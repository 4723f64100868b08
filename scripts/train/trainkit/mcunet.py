"""MCUNet (Lin and others, NeurIPS 2020): a network small enough that all of it runs on the device.

A stem, inverted residual blocks, a last 1x1 convolution if there is one, a pooled mean and a dense layer. A
search finds how many of them and how wide. Here they are trained.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from . import backbone, evaluate, loop, teacher
from .body import Body
from .data import Batches, Dataset
from .lite import LiteUnit, Single
from .mobilenet import InvertedResidual


def untrained(network, classes: int) -> Body:
    """`network`: a `NetworkConfig` of the scheme. Images [B,3,S,S] in [0,1] -> logits [B,classes]."""
    stem = LiteUnit(3, network.stem.channels, 3, network.stem.stride)
    inputs, layers = network.stem.channels, []
    for block in network.blocks:
        layers.append(InvertedResidual(inputs, block.channels, block.expansion, block.stride,
                                       block.kernel, LiteUnit))
        inputs = block.channels
    if network.head:
        layers.append(LiteUnit(inputs, network.head))
        inputs = network.head
    body = Body(stem, nn.Sequential(*layers, Single()), inputs, classes)
    return body.to(memory_format=torch.channels_last)


def train(config, dataset: Dataset, out: Path) -> Body:
    """`config`: an `MCUNetConfig`. Goes on from `out`'s checkpoint; -> in evaluation mode."""
    torch.manual_seed(config.seed)
    body, stage = untrained(config.network, len(dataset.labels)), config.training
    targets = teacher.targets(config.backbone, stage, config.dataset, dataset, out.parent)

    def loss(batch):
        logits = body(batch.images)
        right = (logits.detach().argmax(1) == batch.labels).float().mean()
        return F.cross_entropy(logits, targets(batch)), {"trainAccuracy": 100.0 * float(right)}

    mark = "-".join([config.fingerprint(), backbone.digest(config.backbone), dataset.train.digest])
    loop.run(loop.Stage(
        name="training", module=body, loss=loss, epochs=stage.epochs, rates=loop.Rates.of(stage),
        batches=Batches(dataset, stage.batch, config.dataset, config.seed),
        evaluate=lambda: {"heldAccuracy": evaluate.accuracy(body, dataset, None, dataset.held)},
        fingerprint=mark), out)
    return body.eval()
