"""AgileNN with importance as the order of the stream: every channel may be sent, the most important
first, and any prefix is worth something; the local network sees them all."""

import dataclasses
from dataclasses import dataclass

from .. import config as configuration
from .. import limits
from ..config import DatasetConfig, StageConfig
from . import Run, check_backbone, check_stage, opened

STAGES = ("match", "joint", "local")
ARITHMETIC = ("int8", "float")
BUDGETS = [50, 100, 200, 400]


@dataclass(frozen=True)
class NetworkConfig:
    """`channels` of a linear transform of blocks, each of `block` times as many pixels. `step`: the quantiser's first one, in units of a
    pixel's range. `entry`: how many of the backbone's blocks the entry replaces, besides the stem;
    `entryWidth`: its channels. `remotePrecision`: of the remote network's weights as the bundle stores
    them where the server computes in float, half or int8. `kept`: how many channels, the first and most important
    ones, stay on the device for the local network alone, as published; 0 for none, with a local network that
    sees all. `localWidths`, `localStrides`: of the local
    network's convolutions."""

    channels: int = 24
    kept: int = 0
    block: int = 4
    step: float = 0.09
    entry: int = 0
    entryWidth: int = 32
    remotePrecision: str = "int8"
    localWidths: list[int] = dataclasses.field(default_factory=lambda: [32, 32])
    localStrides: list[int] = dataclasses.field(default_factory=lambda: [2, 1])
    extractor = "block"

    @property
    def localChannels(self) -> int:
        return self.kept or self.channels


@dataclass(frozen=True)
class OrderedStage(StageConfig):
    """The rates are multiples of `peakRate`: of the backbone's trunk and dense layer, the transform, and
    the stream's steps, prior and missing values. `rateWeight`: of 100 bytes an image."""

    batch: int = 64
    peakRate: float = 0.03
    muonRate: float = 0.02
    weightDecay: float = 0.0001
    warmup: float = 0.05
    trunkRate: float = 1.0
    transformRate: float = 1.0
    streamRate: float = 5.0
    rateWeight: float = 0.03


@dataclass(frozen=True)
class OrderedJoint(OrderedStage):
    """`distil`: the share of the targets that is the backbone's answer. `important`: how many channels
    are to hold `rho` of the importance, each more than any other, as the losses of the paper want it;
    `importanceWeight`: of these, on `xaiShare` of each batch, 0 for none. `cut`: how many units of each
    image's stream come, 0 for any number: what a network is worth that is trained for one cut alone, or,
    with more units than there are, for none."""

    labelSmoothing: float = 0.1
    distil: float = 0.0
    localWeight: float = 0.3
    remoteWeight: float = 0.5
    important: int = 5
    rho: float = 0.6
    disorderWeight: float = 1.0
    importanceWeight: float = 0.3
    attribution: str = "trapezoid"
    attributionSteps: int = 2
    xaiShare: float = 0.0
    anchor: float = 0.05
    cut: int = 0


@dataclass(frozen=True)
class OrderedLocal(OrderedStage):
    """The local network alone, on features that no longer move. `widths`, `strides`: of a new one that
    takes the place of the one before, the same where there are none."""

    widths: list[int] = dataclasses.field(default_factory=list)
    strides: list[int] = dataclasses.field(default_factory=list)
    epochs: int = 0
    batch: int = 250
    labelSmoothing: float = 0.1
    distil: float = 0.0


@dataclass(frozen=True)
class OrderedConfig:
    """`heldOut`: training images that every stage leaves alone, and that are watched.
    `remoteArithmetic`: what the server computes in; no training depends on it."""

    name: str
    scheme: str
    seed: int
    backbone: str
    dataset: DatasetConfig
    network: NetworkConfig
    match: OrderedStage
    joint: OrderedJoint
    local: OrderedLocal = OrderedLocal()
    heldOut: int = 5000
    remoteArithmetic: str = "int8"
    variant: str = ""

    @property
    def deviceNetwork(self) -> NetworkConfig:
        """With the local network that the device runs in the end."""
        if not self.local.widths:
            return self.network
        return dataclasses.replace(self.network, localWidths=self.local.widths,
                                   localStrides=self.local.strides)

    @property
    def folder(self) -> str:
        return f"{self.dataset.name}/agilenn" + (f"-{self.variant}" if self.variant else "")

    def fingerprint(self, *parts: str) -> str:
        whole = configuration.drop_later(dataclasses.asdict(self))
        keys = ("seed", "backbone", "heldOut", *parts)
        # Checkpoints from before there was a choice stay valid.
        for section, key, default in (("network", "block", 4), ("network", "kept", 0),
                                      ("joint", "cut", 0)):
            if whole[section][key] == default:
                del whole[section][key]
        return configuration.digest({key: whole[key] for key in keys})


def parse(text: str, source: str = "") -> OrderedConfig:
    return configuration.parse_as(OrderedConfig, check_values, text, source)


def check_values(config: OrderedConfig) -> None:
    need, within = limits.need, limits.within
    limits.check_on_backbone(config)
    need(config.dataset.side == 0, "dataset.side: images are seen at their own size")
    network = config.network
    need(network.block in (4, 8), "network.block: 4 or 8")
    within("network", network, {"channels": (1, 3 * network.block**2), "step": (0.001, 10), "entry": (0, 15),
                                "entryWidth": (1, 1024)})
    need(0 <= network.kept < network.channels, "network.kept: at least 0, and fewer than network.channels")
    limits.choices("network", network, "remotePrecision")
    need(config.remoteArithmetic in ARITHMETIC,
         f"remoteArithmetic: {limits.shown(config.remoteArithmetic)} is not one of int8, float")
    limits.check_local(network)
    need(len(config.local.widths) == len(config.local.strides),
         "local.strides: one for each of local.widths")
    need(not config.local.widths or config.local.epochs > 0,
         "local.widths: a new network needs local.epochs")
    limits.check_local(config.deviceNetwork)
    for name, least in (("match", 1), ("joint", 0), ("local", 0)):
        stage = getattr(config, name)
        limits.check_stage(name, stage, least)
        within(name, stage, {"trunkRate": (0, 1000), "transformRate": (0, 1000),
                             "streamRate": (0, 1000), "rateWeight": (0, 100)})
    for name in ("joint", "local"):
        within(name, getattr(config, name), {"labelSmoothing": (0, 0.99), "distil": (0, 1)})
    joint = config.joint
    within("joint", joint, {"rho": (0.001, 0.999), "disorderWeight": (0, 1000),
                            "localWeight": (0, 100), "remoteWeight": (0, 100), "anchor": (0, 100),
                            "importanceWeight": (0, 100), "xaiShare": (0, 1),
                            "attributionSteps": (1, 50), "cut": (0, 10_000)})
    need(1 <= joint.important < network.channels,
         "joint.important: at least 1, and fewer than network.channels")
    limits.choices("joint", joint, "attribution")
    need(joint.attributionSteps >= 2 or joint.attribution != "trapezoid",
         "joint.attributionSteps: a trapezoid needs 2 at least")


def check_until(stage: str | None) -> None:
    check_stage(stage, STAGES)


def check(config: OrderedConfig) -> None:
    from .. import backbone
    from ..layouts import LAYOUTS
    from ..ordered_model import OrderedModel

    check_backbone(config.backbone)
    if not backbone.path_of(config.backbone).is_file():
        return
    OrderedModel(config.network, config.backbone, LAYOUTS[config.dataset.name].side)


def check_export() -> None:
    from .. import ordered_export  # noqa: F401


def train(config: OrderedConfig, run: Run) -> None:
    from .. import distributed
    from ..ordered import Training

    dataset = opened(config, run)
    for name in STAGES:
        dataset.check_batch(name, getattr(config, name).batch)
    training = Training(config, dataset, run.out)
    for name in STAGES:
        getattr(training, name)()
        if run.until == name:
            return
    if not distributed.leads():
        return
    from ..ordered_export import export

    export(config, run.command, training, dataset, run.folder, BUDGETS)
