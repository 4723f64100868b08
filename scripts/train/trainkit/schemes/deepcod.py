"""DeepCOD: a tiny encoder on the device; the server rebuilds the image and answers it."""

from dataclasses import dataclass

from .. import config as configuration
from .. import limits
from ..config import DatasetConfig, OnBackbone, StageConfig
from . import Run, check_backbone, check_stage, opened

STAGES = ("joint",)


@dataclass(frozen=True)
class NetworkConfig:
    """`ratio`: of the encoder's channels to the values of a block of 4x4 pixels. `centres`: of the
    quantiser, whose gradient is that of a softmax at `quantiserTemperature`. `width`: of the decoder."""

    ratio: float = 0.5
    centres: int = 8
    quantiserTemperature: float = 1.0
    width: int = 64


@dataclass(frozen=True)
class JointConfig(StageConfig):
    """`distil`: the share of the targets that is the backbone's answer to the image itself.
    `reconstructionWeight`: of the squared error of the rebuilt image. `trunkRate`: the backbone's rate as a
    multiple of the others', 0 for a backbone that stays as it is; `quantiserRate`: the centres'."""

    epochs: int = 6
    batch: int = 64
    peakRate: float = 0.02
    muonRate: float = 0.0
    warmup: float = 0.05
    weightDecay: float = 0.0001
    labelSmoothing: float = 0.1
    distil: float = 0.5
    reconstructionWeight: float = 20.0
    trunkRate: float = 0.0
    quantiserRate: float = 0.1


@dataclass(frozen=True)
class DeepCODConfig(OnBackbone):
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


def parse(text: str, source: str = "") -> DeepCODConfig:
    return configuration.parse_as(DeepCODConfig, check_values, text, source)


def check_values(config: DeepCODConfig) -> None:
    need, within = limits.need, limits.within
    limits.check_on_backbone(config)
    need(config.dataset.side == 0, "dataset.side: images are seen at their own size")
    within("network", config.network, {"ratio": (0.001, 1), "centres": (2, 256), "width": (8, 512),
                                       "quantiserTemperature": (0.001, 1000)})
    limits.check_stage("joint", config.joint)
    within("joint", config.joint, {"labelSmoothing": (0, 0.99), "distil": (0, 1),
                                   "reconstructionWeight": (0, 10_000), "trunkRate": (0, 1000),
                                   "quantiserRate": (0, 1000)})


def check_until(stage: str | None) -> None:
    check_stage(stage, STAGES)


def check(config: DeepCODConfig) -> None:
    from ..layouts import LAYOUTS

    check_backbone(config.backbone)
    side = LAYOUTS[config.dataset.name].side
    limits.need(side % 4 == 0, f"dataset.name: {config.dataset.name}'s images have no blocks of 4x4")


def check_export() -> None:
    from .. import deepcod_export  # noqa: F401


def train(config: DeepCODConfig, run: Run) -> None:
    from .. import deepcod, distributed

    dataset = opened(config, run)
    dataset.check_batch("joint", config.joint.batch)
    model = deepcod.train(config, dataset, run.out)
    if run.until == "joint" or not distributed.leads():
        return
    from ..deepcod_export import export

    export(config, run.command, model, dataset, run.folder)
