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

from .data import LAYOUTS
from .errors import MissingInput, UserError


@dataclass(frozen=True)
class DatasetConfig:
    name: str
    augment: str = "crop-flip"
    pad: int = 4


@dataclass(frozen=True)
class NetworkConfig:
    channels: int = 24
    localChannels: int = 5
    extractorHidden: int = 24
    localWidths: list[int] = dataclasses.field(default_factory=lambda: [16, 32])
    remoteWidths: list[int] = dataclasses.field(default_factory=lambda: [48, 96, 256])


@dataclass(frozen=True)
class ReferenceConfig:
    """Stage 1: the extractor and the reference network on the task."""

    epochs: int = 10
    batch: int = 128
    peakRate: float = 0.2
    warmup: float = 0.2
    weightDecay: float = 0.0005
    labelSmoothing: float = 0.1


@dataclass(frozen=True)
class JointConfig:
    """Stages 1b and 2: ranking of the channels, then the joint training."""

    epochs: int = 8
    batch: int = 128
    peakRate: float = 0.2
    warmup: float = 0.2
    weightDecay: float = 0.0005
    labelSmoothing: float = 0.1
    lambda_: float = 0.3
    rho: float = 0.8
    localWeight: float = 0.3
    remoteWeight: float = 0.3
    attribution: str = "trapezoid"
    attributionSteps: int = 2
    xaiShare: float = 0.25
    anchor: float = 0.05
    rankingImages: int = 10000
    centres: int = 8
    quantiserTemperature: float = 1.0
    quantiserRate: float = 0.1
    rateWeight: float = 0.04
    alpha: float = 0.3
    alphaTemperature: float = 6.0
    alphaRate: float = 1.0
    extractorRate: float = 1.0
    localRate: float = 1.0


@dataclass(frozen=True)
class PolishConfig:
    """Stage 3, optional: the joint training goes on with other settings, the quantiser's
    centres placed anew by Lloyd's algorithm on the features as they are by then."""

    epochs: int = 3
    peakRate: float = 0.1
    warmup: float = 0.1
    quantiserRate: float = 0.01
    rateWeight: float = 0.02

    def over(self, joint: JointConfig) -> JointConfig:
        return dataclasses.replace(joint, **dataclasses.asdict(self))


@dataclass(frozen=True)
class Config:
    name: str
    scheme: str
    seed: int
    dataset: DatasetConfig
    network: NetworkConfig
    reference: ReferenceConfig
    joint: JointConfig
    polish: PolishConfig | None = None

    def fingerprint(self, *sections: str) -> str:
        """A digest of the seed and the named sections: what a checkpoint depends on."""
        content = {"seed": self.seed}
        for section in sections:
            values = getattr(self, section)
            content[section] = values and dataclasses.asdict(values)
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


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


def _check(config: Config) -> None:
    def need(condition: bool, message: str):
        if not condition:
            raise UserError(message)

    need(config.scheme == "agilenn", f"scheme: {config.scheme!r} is not one of agilenn")
    need(config.dataset.name in LAYOUTS,
         f"dataset.name: {config.dataset.name!r} is not one of {', '.join(LAYOUTS)}")
    need(config.dataset.augment in ("none", "crop", "crop-flip"),
         f"dataset.augment: {config.dataset.augment!r} is not one of none, crop, crop-flip")
    need(0 <= config.dataset.pad <= 16, "dataset.pad: 0 to 16")
    need(0 < config.network.localChannels < config.network.channels,
         "network.localChannels: at least 1, and fewer than network.channels")
    for section in ("reference", "joint"):
        stage = getattr(config, section)
        need(stage.epochs >= 1 and stage.batch >= 2, f"{section}: epochs >= 1, batch >= 2")
    joint = config.joint
    need(joint.attribution in ("trapezoid", "gauss", "saliency"),
         f"joint.attribution: {joint.attribution!r} is not one of trapezoid, gauss, saliency")
    need(joint.attributionSteps >= 2 or joint.attribution != "trapezoid",
         "joint.attributionSteps: a trapezoid needs 2 at least")
    need(2 <= joint.centres <= 256, "joint.centres: 2 to 256")
    for key in ("lambda_", "rho", "xaiShare", "alpha"):
        need(0 < getattr(joint, key) < 1 or key == "xaiShare" and joint.xaiShare == 1,
             f"joint.{key.rstrip('_')}: between 0 and 1")


def parse(text: str, source: str = "") -> Config:
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise UserError(f"{source}{line}: not YAML ({getattr(error, 'problem', error)})") from error
    try:
        config = _build(Config, content, "")
        _check(config)
    except UserError as error:
        raise UserError(f"{source}: {error}") from None
    return config


def read(path: Path) -> Config:
    if not path.is_file():
        raise MissingInput(f"no configuration {path}")
    return parse(path.read_text(), str(path))
