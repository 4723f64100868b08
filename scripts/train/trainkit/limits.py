"""What the values of a configuration may be."""

import re

from .errors import UserError
from .extractor import KINDS
from .layouts import LAYOUTS
from .strict import shown

# Least and greatest, both allowed; where a number has no natural end, what no run can want.
DATASET = {"pad": (0, 16), "cutout": (0, 64), "cutmix": (0, 1)}
NETWORK = {"channels": (2, 256), "extractorHidden": (1, 256)}
STAGE = {"batch": (2, 100_000), "peakRate": (0, 10), "muonRate": (0, 10), "warmup": (0, 1),
         "weightDecay": (0, 1)}
JOINT = {"labelSmoothing": (0, 0.99), "distil": (0, 1), "lambda": (0.001, 0.999),
         "rho": (0.001, 0.999), "disorderWeight": (0, 1000),
         "localWeight": (0, 100), "remoteWeight": (0, 100),
         "attributionSteps": (1, 50), "xaiShare": (0.001, 1), "anchor": (0, 100),
         "rankingImages": (1, 10**9), "centres": (2, 256), "reach": (1, 127),
         "quantiserTemperature": (0.001, 1000), "quantiserRate": (0, 1000), "priorRate": (0, 1000),
         "rateWeight": (0, 100), "alpha": (0.001, 0.999), "alphaTemperature": (0.001, 1000),
         "alphaRate": (0, 1000), "extractorRate": (0, 1000), "localRate": (0, 1000)}
CHOICES = {
    "dataset.name": tuple(LAYOUTS), "dataset.augment": ("none", "crop", "crop-flip"),
    "dataset.side": (0, 96), "network.extractor": tuple(KINDS),
    "network.remote": ("plain", "mobilenetv2"), "network.remotePrecision": ("half", "int8"),
    "joint.attribution": ("trapezoid", "gauss", "saliency"),
    "joint.quantiser": ("centres", "rounding"),
}
BODY_WIDTHS = 5  # each after the first halves maps that are 16x16 at first
BODIES = (*CHOICES["network.remote"], "lite0")
WITHOUT_MIRROR_IMAGES = ("digits", "svhn")


def need(condition: bool, message: str) -> None:
    if not condition:
        raise UserError(message)


def _value(section, key: str):
    return getattr(section, key if hasattr(section, key) else key + "_")


def within(where: str, section, bounds: dict) -> None:
    for key, (low, high) in bounds.items():
        need(low <= _value(section, key) <= high, f"{where}.{key}: from {low:g} to {high:g}")


def choices(where: str, section, only: str = "") -> None:
    """`only`: one key of the section, all otherwise."""
    for name, values in CHOICES.items():
        head, _, key = name.partition(".")
        if head == where and only in ("", key):
            found = _value(section, key)
            need(found in values,
                  f"{name}: {shown(found)} is not one of {', '.join(map(str, values))}")


def widths(where: str, widths: list[int], least: int, most: int) -> None:
    need(least <= len(widths) <= most and all(1 <= width <= 4096 for width in widths),
          f"{where}: {least} to {most} of them, each from 1 to 4096")


def word(where: str, value: str, empty: bool = False) -> None:
    need(value.isascii() and value.isidentifier() or empty and not value,
          f"{where}: {shown(value)} is not a word")


def check_head(config, mixes: bool = False, any_side: bool = False) -> None:
    """Names become names of files and folders. `mixes`: whether images may be mixed: a teacher's answers are
    to whole ones. `any_side`: whether the scheme itself says what the device may scale its images to."""
    need(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", config.name) is not None,
          f"name: {shown(config.name)} is not a word")
    need(0 <= config.seed < 2**62, "seed: from 0 to 2^62 - 1")
    dataset = config.dataset
    for key in ("name", "augment") if any_side else ("name", "augment", "side"):
        choices("dataset", dataset, key)
    within("dataset", dataset, DATASET)
    need(dataset.augment != "crop-flip" or dataset.name not in WITHOUT_MIRROR_IMAGES,
          f"dataset.augment: none or crop for {dataset.name}: digits have no mirror image")
    need(mixes or not dataset.cutmix, "dataset.cutmix: for backbones alone")


def check_on_backbone(config, any_side: bool = False) -> None:
    """What the schemes share that stand on a backbone; `any_side` as above."""
    word("backbone", config.backbone)
    word("variant", config.variant, empty=True)
    check_head(config, any_side=any_side)
    need(1 <= config.heldOut <= 10**6, "heldOut: from 1 to 1000000")


def _check_network(network) -> None:
    choices("network", network)
    within("network", network, NETWORK)
    need(0 < network.localChannels < network.channels,
          "network.localChannels: at least 1, and fewer than network.channels")
    widths("network.widths", network.widths, 2, BODY_WIDTHS)
    need(len(network.extractorStrides) == 2, "network.extractorStrides: two of them")
    _strides("extractorStrides", network.extractorStrides)
    check_local(network)


def _strides(name: str, strides: list[int]) -> None:
    need(all(1 <= stride <= 4 for stride in strides), f"network.{name}: each from 1 to 4")


def check_local(network) -> None:
    """What every scheme with a local network says of it."""
    widths("network.localWidths", network.localWidths, 0, 8)
    need(len(network.localWidths) == len(network.localStrides),
         "network.localStrides: one for each of network.localWidths")
    _strides("localStrides", network.localStrides)


def check_stage(where: str, stage, least: int = 1) -> None:
    within(where, stage, {"epochs": (least, 10_000), **STAGE})


def check(config) -> None:
    """Raises `UserError` for the first value of a bundle's configuration that cannot be."""
    need(config.scheme == "agilenn", f"scheme: {shown(config.scheme)} is not one of agilenn")
    word("backbone", config.backbone)
    for key in ("variant", "remoteBackbone"):
        word(key, getattr(config, key), empty=True)
    check_head(config)
    _check_network(config.network)
    check_stage("reference", config.reference)
    check_stage("align", config.align, least=0)
    need(0 <= config.align.matchWeight <= 1000, "align.matchWeight: from 0 to 1000")
    plain = config.network.remote == "plain"
    need(not (plain and config.remoteBackbone),
          "remoteBackbone: a plain remote network starts from the reference network")
    need(config.align.epochs == 0 or plain or bool(config.remoteBackbone),
          "align.epochs: 0 where the remote network starts from no backbone")
    check_stage("joint", config.joint)
    choices("joint", config.joint)
    within("joint", config.joint, JOINT)
    need(config.joint.attributionSteps >= 2 or config.joint.attribution != "trapezoid",
          "joint.attributionSteps: a trapezoid needs 2 at least")
    check_stage("settle", config.settle, least=0)
    within("settle", config.settle, {"disorderWeight": JOINT["disorderWeight"]})
    check_stage("local", config.local, least=0)


def _check_lite(config) -> None:
    if config.body != "lite0":
        need(not config.pretrained, f"pretrained: there are weights for lite0, not {config.body}")
        need(not config.settled, f"settled: a {config.body} has no such layers")
        need(not config.sides, f"sides: a {config.body} sees images at their own size")
        return
    need(len(config.sides) == config.training.epochs,
          f"sides: one for each of the {config.training.epochs} epochs")
    need(0 <= config.settled <= config.training.epochs,
          f"settled: from 0 to the {config.training.epochs} epochs")
    need(all(32 <= side <= 224 and side % 32 == 0 for side in config.sides),
          "sides: each a multiple of 32, from 32 to 224")


def check_backbone(config) -> None:
    """The same of a backbone's."""
    check_head(config, mixes=True)
    need(config.dataset.side == 0, "dataset.side: a backbone sees images at their own size")
    need(config.body in BODIES, f"body: {shown(config.body)} is not one of {', '.join(BODIES)}")
    if config.body == "plain":
        widths("widths", config.widths, 2, BODY_WIDTHS)
    else:
        need(not config.widths, f"widths: a {config.body} has its own")
    check_stage("training", config.training)
    _check_lite(config)
    need(0 <= config.heldOut <= 10**6, "heldOut: from 0 to 1000000")
    need(0 < config.denseRate <= 1000, "denseRate: above 0, to 1000")
    within("training", config.training, {key: JOINT[key] for key in ("labelSmoothing", "distil")})
    word("teacher", config.teacher, empty=True)
    need(config.teacher != config.name, "teacher: a backbone is not its own")
    need(not (config.teacher and config.dataset.cutmix),
         "dataset.cutmix: 0 with a teacher, which answers whole images")
    need(bool(config.teacher) == (config.training.distil > 0),
          "training.distil: above 0 with a teacher, and only then")
