"""SPINN: one network with early exits, that may be cut at one of several places; the device runs up to the
cut, and asks its exits on the way."""

import dataclasses
from dataclasses import dataclass

from .. import config as configuration
from .. import limits
from ..config import DatasetConfig, OnBackbone, StageConfig
from . import Run, check_backbone, check_stage, opened

STAGES = ("joint",)
# Bytes that the device's memories hold, the program's own share not counted.
FLASH, SRAM = 1 << 20, 320 << 10


@dataclass(frozen=True)
class NetworkConfig:
    """`side`: what the device scales its image to. `cuts`: numbers of the backbone's blocks, counted from 0,
    behind which the maps may be sent and an exit is. `exitWidth`: of the convolution in each exit."""

    side: int = 56
    cuts: list[int] = dataclasses.field(default_factory=lambda: [2, 7])
    exitWidth: int = 128


@dataclass(frozen=True)
class JointConfig(StageConfig):
    """`distil`: the share of the targets that is the backbone's answer to the image at its own size.
    `exitWeights`: of the exits' cross-entropies beside the last answer's, which is 1. `exitRate`: the rate of
    the exits, which are new, as a multiple of the others'."""

    epochs: int = 6
    batch: int = 64
    peakRate: float = 0.03
    muonRate: float = 0.0
    warmup: float = 0.05
    weightDecay: float = 0.0001
    labelSmoothing: float = 0.1
    distil: float = 0.5
    exitWeights: list[float] = dataclasses.field(default_factory=lambda: [0.3, 0.3])
    exitRate: float = 3.3


@dataclass(frozen=True)
class SPINNConfig(OnBackbone):
    """`heldOut`: training images that training leaves alone, and that are watched."""

    name: str
    scheme: str
    seed: int
    backbone: str
    dataset: DatasetConfig
    joint: JointConfig
    network: NetworkConfig = NetworkConfig()
    heldOut: int = 5000
    variant: str = ""


def parse(text: str, source: str = "") -> SPINNConfig:
    return configuration.parse_as(SPINNConfig, check_values, text, source)


def check_values(config: SPINNConfig) -> None:
    need, within = limits.need, limits.within
    limits.check_on_backbone(config)
    need(config.dataset.side == 0, "dataset.side: network.side says what images are scaled to")
    network, joint = config.network, config.joint
    need(32 <= network.side <= 224 and network.side % 8 == 0,
         "network.side: a multiple of 8, from 32 to 224")
    need(1 <= len(network.cuts) <= 15, "network.cuts: 1 to 15 of them")
    need(network.cuts == sorted(set(network.cuts)), "network.cuts: each once, the lowest first")
    within("network", network, {"exitWidth": (1, 1024)})
    limits.check_stage("joint", joint)
    within("joint", joint, {"labelSmoothing": (0, 0.99), "distil": (0, 1), "exitRate": (0, 1000)})
    need(len(joint.exitWeights) == len(network.cuts),
         "joint.exitWeights: one for each of network.cuts")
    need(all(0 < weight <= 100 for weight in joint.exitWeights),
         "joint.exitWeights: each above 0, to 100")


def check_until(stage: str | None) -> None:
    check_stage(stage, STAGES)


def check(config: SPINNConfig) -> None:
    from .. import backbone, pretraining, spinn
    from ..layouts import LAYOUTS

    need, network = limits.need, config.network
    check_backbone(config.backbone)
    made = backbone.path_of(config.backbone).is_file()
    body = (backbone.about(config.backbone).get("body") if made
            else pretraining.planned(config.backbone).body)
    need(body == "lite0", f"backbone: {config.backbone} is no lite0, whose blocks can be cut")
    need(0 <= network.cuts[0] and network.cuts[-1] < spinn.BLOCKS,
         f"network.cuts: from 0 to {spinn.BLOCKS - 1}, the backbone's blocks")
    own = LAYOUTS[config.dataset.name].side
    need(network.side >= own, f"network.side: at least the {own} of {config.dataset.name}'s images")
    maps, weights = spinn.demand(network)
    need(maps <= SRAM, f"network.side: a layer's maps take {maps} bytes, and the device has {SRAM}")
    need(weights <= FLASH, f"network.cuts: the weights up to block {network.cuts[-1]} take "
                           f"{weights} bytes, and the device has {FLASH}")


def check_export() -> None:
    from .. import spinn_export  # noqa: F401


def train(config: SPINNConfig, run: Run) -> None:
    from .. import distributed, spinn

    dataset = opened(config, run, config.network.side)
    dataset.check_batch("joint", config.joint.batch)
    model = spinn.train(config, dataset, run.out)
    if run.until == "joint" or not distributed.leads():
        return
    from ..spinn_export import export

    export(config, run.command, model, dataset, run.folder)
