"""The configuration: one YAML file a bundle, read strictly before any time is spent."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from . import files, limits, strict
from .errors import MissingInput, UserError


@dataclass(frozen=True)
class DatasetConfig:
    """`side`: what the device scales its images to, 0 for their own size. `cutmix`: how probable it is that a
    part of a backbone's training image comes from another."""

    name: str
    augment: str = "crop-flip"
    pad: int = 2
    cutout: int = 0
    cutmix: float = 0.0
    side: int = 0


@dataclass(frozen=True)
class NetworkConfig:
    """`widths`: of the plain body, which the reference network is and the remote one may be.
    `remote`: plain, or mobilenetv2. `remotePrecision`: of its weights as the bundle stores them, half or
    int8. No `localWidths`: a pooled mean and a dense layer alone, the
    paper's local network."""

    channels: int = 24
    localChannels: int = 5
    extractor: str = "separable"
    extractorHidden: int = 24
    extractorStrides: list[int] = dataclasses.field(default_factory=lambda: [2, 1])
    localWidths: list[int] = dataclasses.field(default_factory=lambda: [16, 32])
    localStrides: list[int] = dataclasses.field(default_factory=lambda: [2, 2])
    widths: list[int] = dataclasses.field(default_factory=lambda: [64, 240, 240])
    remote: str = "plain"
    remotePrecision: str = "half"


@dataclass(frozen=True)
class StageConfig:
    """How long a stage takes, and how fast it goes: of stage 1 all there is to say."""

    epochs: int = 2
    batch: int = 500
    peakRate: float = 0.05
    muonRate: float = 0.1
    warmup: float = 0.1
    weightDecay: float = 0.0005


@dataclass(frozen=True)
class TaskConfig(StageConfig):
    """Training a backbone on the task alone. `distil`: the share of the targets that its teacher's
    answer is."""

    labelSmoothing: float = 0.2
    distil: float = 0.0


@dataclass(frozen=True)
class AlignConfig(StageConfig):
    """Of stage 2 what comes before the remote network's trunk moves. `matchWeight`: of the
    distance between what the trunk is given and what the backbone's is."""

    matchWeight: float = 3.0


@dataclass(frozen=True)
class JointConfig(StageConfig):
    """Stages 1b and 2: ranking of the channels, then the joint training. `distil`: the share of
    the targets that is the backbone's answer. `disorderWeight`: of L_disorder beside L_skewness, 1 in
    the paper and in align. `quantiser`: `centres` learned ones, or `rounding` to
    whole numbers within `reach`. The rates are multiples of `peakRate`; `priorRate` is that of the
    rounding quantiser's prior, whose gradient is as small as `rateWeight`."""

    epochs: int = 6
    labelSmoothing: float = 0.1
    distil: float = 0.0
    lambda_: float = 0.3
    rho: float = 0.8
    disorderWeight: float = 1.0
    localWeight: float = 0.3
    remoteWeight: float = 0.3
    attribution: str = "trapezoid"
    attributionSteps: int = 2
    xaiShare: float = 0.125
    anchor: float = 0.05
    rankingImages: int = 10000
    quantiser: str = "centres"
    centres: int = 8
    reach: int = 16
    quantiserTemperature: float = 1.0
    quantiserRate: float = 0.01
    priorRate: float = 10.0
    rateWeight: float = 0.02
    alpha: float = 0.3
    alphaTemperature: float = 6.0
    alphaRate: float = 1.0
    extractorRate: float = 1.0
    localRate: float = 1.0


@dataclass(frozen=True)
class SettleConfig(StageConfig):
    """Of stage 2 what may come last: the joint loss at low rates, with a `disorderWeight` that would have
    drawn the joint training away from the answers."""

    epochs: int = 0
    disorderWeight: float = 20.0


@dataclass(frozen=True)
class Config:
    """One bundle, DATASET/SCHEME[-VARIANT]. `backbone`: the network whose trunk the reference
    network keeps and the remote one starts from; `remoteBackbone`: of a remote network of another
    form, if it is to start from one."""

    name: str
    scheme: str
    seed: int
    backbone: str
    dataset: DatasetConfig
    network: NetworkConfig
    reference: StageConfig
    align: AlignConfig
    joint: JointConfig
    settle: SettleConfig = SettleConfig()
    local: StageConfig = StageConfig(epochs=0)
    variant: str = ""
    remoteBackbone: str = ""

    @property
    def folder(self) -> str:
        return f"{self.dataset.name}/{self.scheme}" + (f"-{self.variant}" if self.variant else "")

    @property
    def stages(self) -> dict[str, StageConfig]:
        """Those that take place, in their order."""
        names = ("reference", "align", "joint", "settle", "local")
        return {name: getattr(self, name) for name in names if getattr(self, name).epochs}

    @property
    def backbones(self) -> list[str]:
        """The names of all that the networks start from."""
        return [name for name in (self.backbone, self.remoteBackbone) if name]

    def fingerprint(self, *parts: str) -> str:
        """A digest of the seed and the named parts, whole sections or `section.key`: what a
        checkpoint depends on."""
        content = {"seed": self.seed, "backbone": self.backbone, "remote": self.remoteBackbone}
        whole = dataclasses.asdict(self)
        drop_later(whole)
        for part in parts:
            section, _, key = part.partition(".")
            content[part] = whole[section][key] if key else whole[section]
        return digest(content)


class OnBackbone:
    """What the configurations of schemes that stand on a backbone share. They are dataclasses with at least
    `name`, `scheme`, `seed`, `backbone`, `dataset`, `heldOut` and `variant`."""

    @property
    def folder(self) -> str:
        return f"{self.dataset.name}/{self.scheme}" + (f"-{self.variant}" if self.variant else "")

    def fingerprint(self) -> str:
        """A digest of all that a training depends on."""
        whole = drop_later(dataclasses.asdict(self))
        for key in ("name", "scheme", "variant"):
            del whole[key]
        return digest(whole)


def drop_later(content: dict) -> dict:
    """Without settings that came later, where they are not used: checkpoints from before stay valid."""
    if not content["dataset"]["cutmix"]:
        del content["dataset"]["cutmix"]
    return content


def digest(content: dict) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class BackboneConfig:
    """A network on whole images: what every reference network of a data set starts from. `body`:
    plain, of `widths`, or mobilenetv2, or lite0. `teacher`: the backbone that it is distilled from, if
    any. `pretrained`: whether a lite0 starts from ImageNet's weights. `sides`: what a lite0 scales its
    images to, epoch by epoch; the last is the backbone's. `denseRate`: the rate of the dense layer as a
    multiple of the others'. `settled`: the epochs after which a lite0's first layers stay as they are, 0
    for never. `heldOut`: training images that are kept out, and watched instead of test
    images."""

    name: str
    seed: int
    dataset: DatasetConfig
    training: TaskConfig
    body: str = "plain"
    widths: list[int] = dataclasses.field(default_factory=list)
    teacher: str = ""
    pretrained: bool = False
    sides: list[int] = dataclasses.field(default_factory=list)
    denseRate: float = 1.0
    settled: int = 0
    heldOut: int = 0

    def fingerprint(self) -> str:
        """Fields of the later forms count where they are used: older checkpoints stay valid."""
        content = dataclasses.asdict(self)
        for field in ("pretrained", "sides", "settled", "heldOut"):
            if not content[field]:
                del content[field]
        drop_later(content)
        if self.denseRate == 1.0:
            del content["denseRate"]
        return digest(content)


def parse_as(kind, check, text: str, source: str):
    try:
        config = strict.build(kind, strict.load(text))
        check(config)
    except UserError as error:
        raise UserError(f"{source}: {error}") from None
    return config


def parse(text: str, source: str = "") -> Config:
    return parse_as(Config, limits.check, text, source)


def parse_backbone(text: str, source: str = "") -> BackboneConfig:
    return parse_as(BackboneConfig, limits.check_backbone, text, source)


def text_of(path: Path) -> str:
    if not path.is_file():
        raise MissingInput(f"no configuration {path}")
    return files.text(path)
