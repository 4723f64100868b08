"""The configuration: one YAML file a bundle, read strictly before any time is spent."""

import dataclasses
import difflib
import hashlib
import json
import types
import typing
from dataclasses import dataclass
from pathlib import Path

import yaml

from .errors import MissingInput, UserError
from .extractor import KINDS
from .layouts import LAYOUTS


@dataclass(frozen=True)
class DatasetConfig:
    """`side`: what the device scales its images to, 0 for their own size."""

    name: str
    augment: str = "crop-flip"
    pad: int = 2
    cutout: int = 0
    side: int = 0


@dataclass(frozen=True)
class NetworkConfig:
    """`widths`: of the plain body, which the reference network is and the remote one may be.
    `remote`: plain, or mobilenetv2, whose first convolution has `remoteStride`. `remoteWeights`: as
    the bundle stores them, half or int8."""

    channels: int = 24
    localChannels: int = 5
    extractor: str = "separable"
    extractorHidden: int = 24
    extractorStrides: list[int] = dataclasses.field(default_factory=lambda: [2, 1])
    localWidths: list[int] = dataclasses.field(default_factory=lambda: [16, 32])
    localStrides: list[int] = dataclasses.field(default_factory=lambda: [2, 2])
    widths: list[int] = dataclasses.field(default_factory=lambda: [64, 240, 240])
    remote: str = "plain"
    remoteStride: int = 2
    remoteWeights: str = "half"


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
    """Training a backbone on the task alone."""

    labelSmoothing: float = 0.2


@dataclass(frozen=True)
class AlignConfig(StageConfig):
    """The first part of stage 2, before the remote network's trunk moves. `matchWeight`: of the
    distance between what the trunk is given and what the backbone's is."""

    matchWeight: float = 3.0


@dataclass(frozen=True)
class JointConfig(StageConfig):
    """Stages 1b and 2: ranking of the channels, then the joint training. `distil`: the share of
    the targets that is the backbone's answer. `quantiser`: `centres` learned ones, or `rounding` to
    whole numbers within `reach`."""

    epochs: int = 6
    labelSmoothing: float = 0.1
    distil: float = 0.0
    lambda_: float = 0.3
    rho: float = 0.8
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
    rateWeight: float = 0.02
    alpha: float = 0.3
    alphaTemperature: float = 6.0
    alphaRate: float = 1.0
    extractorRate: float = 1.0
    localRate: float = 1.0


@dataclass(frozen=True)
class Config:
    """One bundle, DATASET/SCHEME[-VARIANT]. `backbone`: the network whose trunk the reference
    network keeps and the remote one starts from."""

    name: str
    scheme: str
    seed: int
    backbone: str
    dataset: DatasetConfig
    network: NetworkConfig
    reference: StageConfig
    align: AlignConfig
    joint: JointConfig
    variant: str = ""

    @property
    def folder(self) -> str:
        return f"{self.dataset.name}/{self.scheme}" + (f"-{self.variant}" if self.variant else "")

    def fingerprint(self, *sections: str) -> str:
        """A digest of the seed and the named sections: what a checkpoint depends on."""
        content = {"seed": self.seed, "backbone": self.backbone}
        for section in sections:
            content[section] = dataclasses.asdict(getattr(self, section))
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class BackboneConfig:
    """A network on whole images: what every reference network of a data set starts from."""

    name: str
    seed: int
    dataset: DatasetConfig
    widths: list[int]
    training: TaskConfig

    def fingerprint(self) -> str:
        return hashlib.sha256(
            json.dumps(dataclasses.asdict(self), sort_keys=True).encode()).hexdigest()


def _convert(value, kind, where: str):
    if typing.get_origin(kind) is types.UnionType:
        if value is None:
            return None
        kind = next(k for k in typing.get_args(kind) if k is not types.NoneType)
    if dataclasses.is_dataclass(kind):
        return _build(kind, value, where)
    origin = typing.get_origin(kind)
    if origin is list:
        (item,) = typing.get_args(kind)
        if not isinstance(value, list) or not value:
            raise UserError(f"{where}: a list is needed, not {value!r}")
        return [_convert(v, item, f"{where}[{i}]") for i, v in enumerate(value)]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise UserError(f"{where}: {kind.__name__} is needed, not {value!r}")
    return value


def _build(kind, content, where: str):
    if not isinstance(content, dict):
        raise UserError(f"{where}: a mapping is needed, not {content!r}")
    fields = {field.name.rstrip("_"): field for field in dataclasses.fields(kind)}
    prefix = f"{where}." if where else ""
    for key in content:
        if key not in fields:
            near = difflib.get_close_matches(str(key), fields, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UserError(f"unknown key {prefix}{key}{hint}")
    hints = typing.get_type_hints(kind)
    values = {}
    for name, field in fields.items():
        if name in content:
            values[field.name] = _convert(content[name], hints[field.name], prefix + name)
        elif (field.default is dataclasses.MISSING
              and field.default_factory is dataclasses.MISSING):
            raise UserError(f"missing key {prefix}{name}")
    return kind(**values)


def _need(condition: bool, message: str) -> None:
    if not condition:
        raise UserError(message)


def _check_dataset(dataset: DatasetConfig) -> None:
    _need(dataset.name in LAYOUTS,
          f"dataset.name: {dataset.name!r} is not one of {', '.join(LAYOUTS)}")
    _need(dataset.augment in ("none", "crop", "crop-flip"),
          f"dataset.augment: {dataset.augment!r} is not one of none, crop, crop-flip")
    _need(0 <= dataset.pad <= 16, "dataset.pad: 0 to 16")
    _need(0 <= dataset.cutout <= 64, "dataset.cutout: 0 to 64")
    _need(dataset.side in (0, 96), "dataset.side: 0 (the images' own) or 96")


def _check_network(network: NetworkConfig) -> None:
    _need(0 < network.localChannels < network.channels,
          "network.localChannels: at least 1, and fewer than network.channels")
    _need(network.extractor in KINDS,
          f"network.extractor: {network.extractor!r} is not one of {', '.join(KINDS)}")
    _need(len(network.extractorStrides) == 2, "network.extractorStrides: two of them")
    _need(len(network.localWidths) == len(network.localStrides),
          "network.localStrides: one for each of network.localWidths")
    _need(network.remote in ("plain", "mobilenetv2"),
          f"network.remote: {network.remote!r} is not one of plain, mobilenetv2")
    _need(network.remoteStride in (1, 2), "network.remoteStride: 1 or 2")
    _need(network.remoteWeights in ("half", "int8"),
          f"network.remoteWeights: {network.remoteWeights!r} is not one of half, int8")


def _check_stage(where: str, stage: StageConfig, least: int = 1) -> None:
    _need(stage.epochs >= least and stage.batch >= 2, f"{where}: epochs >= {least}, batch >= 2")


def _check(config: Config) -> None:
    _need(config.scheme == "agilenn", f"scheme: {config.scheme!r} is not one of agilenn")
    _need(config.variant == "" or config.variant.isidentifier(),
          f"variant: {config.variant!r} is not a word")
    _check_dataset(config.dataset)
    _need(config.backbone.isidentifier(), f"backbone: {config.backbone!r} is not a word")
    _check_network(config.network)
    _check_stage("reference", config.reference)
    _check_stage("align", config.align, least=0)
    _check_stage("joint", config.joint)
    _need(config.align.epochs == 0 or config.network.remote == "plain",
          "align.epochs: 0 where network.remote is not plain")
    _need(0 <= config.joint.distil <= 1, "joint.distil: 0 to 1")
    joint = config.joint
    _need(joint.attribution in ("trapezoid", "gauss", "saliency"),
          f"joint.attribution: {joint.attribution!r} is not one of trapezoid, gauss, saliency")
    _need(joint.attributionSteps >= 2 or joint.attribution != "trapezoid",
          "joint.attributionSteps: a trapezoid needs 2 at least")
    _need(joint.quantiser in ("centres", "rounding"),
          f"joint.quantiser: {joint.quantiser!r} is not one of centres, rounding")
    _need(2 <= joint.centres <= 256, "joint.centres: 2 to 256")
    _need(1 <= joint.reach <= 127, "joint.reach: 1 to 127")
    for key in ("lambda_", "rho", "xaiShare", "alpha"):
        _need(0 < getattr(joint, key) < 1 or key == "xaiShare" and joint.xaiShare == 1,
              f"joint.{key.rstrip('_')}: between 0 and 1")


def _check_backbone(config: BackboneConfig) -> None:
    _check_dataset(config.dataset)
    _check_stage("training", config.training)


def _parse(kind, check, text: str, source: str):
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise UserError(f"{source}{line}: not YAML ({getattr(error, 'problem', error)})") from error
    try:
        config = _build(kind, content, "")
        check(config)
    except UserError as error:
        raise UserError(f"{source}: {error}") from None
    return config


def parse(text: str, source: str = "") -> Config:
    return _parse(Config, _check, text, source)


def parse_backbone(text: str, source: str = "") -> BackboneConfig:
    return _parse(BackboneConfig, _check_backbone, text, source)


def text_of(path: Path) -> str:
    if not path.is_file():
        raise MissingInput(f"no configuration {path}")
    return path.read_text()
