"""The schemes that can be trained, a module each, named as `scheme:` of a configuration names it, an
underscore for a hyphen.

A module gives:

- `parse(text, source) -> config`: the YAML, read strictly, with at least `name`, `dataset` and `folder`
  (of the bundle, below the folder of all models);
- `check_until(stage)`: refuses a name that is none of the scheme's stages; None is all of it;
- `check(config)`: refuses, before any time is spent, what no run could train;
- `check_export()`: imports what writing a bundle needs;
- `train(config, run)`: the stages in their order, then the bundle.
"""

import importlib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from .. import strict
from ..errors import UserError

NAMES = ("agilenn", "ordered", "edge-only", "deepcod", "spinn", "mcunet")


@dataclass(frozen=True)
class Run:
    """`data`: the folder of the data sets; `cache`: where backbones that are to be made keep their
    checkpoints; `out`: of this run's; `folder`: the bundle's; `command`: what made it; `until`: the stage
    that is the last, or None."""

    data: Path
    cache: Path
    out: Path
    folder: Path
    command: str
    until: str | None


def of(text: str, source: str) -> ModuleType:
    """The module of the scheme that a configuration names."""
    try:
        content = strict.load(text)
        name = content.get("scheme", "") if isinstance(content, dict) else None
        if name is None:
            raise UserError("a mapping is needed")
        if name not in NAMES:
            raise UserError(f"scheme: {strict.shown(name)} is not one of {', '.join(NAMES)}")
    except UserError as error:
        raise UserError(f"{source}: {error}") from None
    return importlib.import_module("." + name.replace("-", "_"), __name__)


def check_stage(stage: str | None, stages: tuple[str, ...]) -> None:
    if stage is not None and stage not in stages:
        raise UserError(f"--until {strict.shown(stage)}: not one of {', '.join(stages)}", status=64)


def check_backbone(name: str) -> None:
    """Refuses a backbone that is not there and that no configuration can make."""
    from .. import backbone, pretraining

    if not backbone.path_of(name).is_file():
        pretraining.planned(name)


def opened(config, run: Run, side: int = 0):
    """-> the data set of a scheme that stands on a backbone and holds images out; the backbone is made
    where it is missing, and must be for the data set's classes. `side`: what the device scales its images
    to, where the data set's own setting does not say it."""
    from .. import backbone, data, pretraining

    dataset = data.hold_out(
        data.load(config.dataset.name, run.data, side or config.dataset.side or None), config.heldOut)
    pretraining.make_if_absent(config.backbone, run.data, run.cache)
    classes = backbone.classes(config.backbone)
    if classes != len(dataset.labels):
        raise UserError(f"backbone {config.backbone}: it has {classes} classes, and "
                        f"{config.dataset.name} {len(dataset.labels)}")
    return dataset
