"""Edge-only: the image itself goes to the server, as raw values or as a picture that a codec has coded,
and the server runs the whole network, a backbone that may be tuned to what the codec leaves."""

from dataclasses import dataclass

from .. import config as configuration
from .. import limits
from ..config import DatasetConfig, OnBackbone, TaskConfig
from . import Run, check_backbone, check_stage, opened

QUALITIES = {"raw": None, "jpeg": (1, 100), "png": None, "webp": (0, 100)}
CHROMA = ("4:2:0", "4:4:4")
STAGES = ("tuning",)


@dataclass(frozen=True)
class CodecConfig:
    """`name`: raw, jpeg, png or webp. `quality`: of jpeg and webp, -1 for the others. `chroma`: of jpeg, 4:2:0
    or 4:4:4, nothing for the others."""

    name: str
    quality: int = -1
    chroma: str = ""


@dataclass(frozen=True)
class EdgeOnlyConfig(OnBackbone):
    """`side`: of the dataset, to which the device scales its image before it sends it, 0 for the image's
    own. `tuning`: on what the codec leaves; no epochs for none. `remoteArithmetic`: what the server
    computes in."""

    name: str
    scheme: str
    seed: int
    backbone: str
    dataset: DatasetConfig
    codec: CodecConfig
    tuning: TaskConfig = TaskConfig(epochs=0)
    heldOut: int = 5000
    remoteArithmetic: str = "int8"
    variant: str = ""


def parse(text: str, source: str = "") -> EdgeOnlyConfig:
    return configuration.parse_as(EdgeOnlyConfig, check_values, text, source)


def check_values(config: EdgeOnlyConfig) -> None:
    need = limits.need
    limits.check_on_backbone(config)
    codec = config.codec
    need(codec.name in QUALITIES,
         f"codec.name: {limits.shown(codec.name)} is not one of {', '.join(QUALITIES)}")
    allowed = QUALITIES[codec.name]
    if allowed:
        limits.within("codec", codec, {"quality": allowed})
    else:
        need(codec.quality == -1, f"codec.quality: {codec.name} has none")
    need(codec.chroma in CHROMA if codec.name == "jpeg" else not codec.chroma,
         f"codec.chroma: {limits.shown(codec.chroma)}; jpeg has {' or '.join(CHROMA)}, others none")
    limits.check_stage("tuning", config.tuning, least=0)
    need(config.tuning.epochs == 0 or codec.name not in ("raw", "png"),
         f"tuning.epochs: 0 for {codec.name}, which loses nothing")
    limits.within("tuning", config.tuning, {"labelSmoothing": (0, 0.99)})
    need(config.tuning.distil == 0, "tuning.distil: there is no teacher")
    need(config.remoteArithmetic in ("int8", "float"),
         f"remoteArithmetic: {limits.shown(config.remoteArithmetic)} is not one of int8, float")


def check_until(stage: str | None) -> None:
    check_stage(stage, STAGES)


def check(config: EdgeOnlyConfig) -> None:
    check_backbone(config.backbone)


def check_export() -> None:
    from .. import edge_only_export  # noqa: F401


def train(config: EdgeOnlyConfig, run: Run) -> None:
    from .. import distributed
    from ..picture_network import PictureNetwork

    dataset = opened(config, run)
    network = PictureNetwork(config, dataset, run.out)
    if run.until == "tuning" or not distributed.leads():
        return
    from ..edge_only_export import export

    export(config, run.command, network, dataset, run.folder)
