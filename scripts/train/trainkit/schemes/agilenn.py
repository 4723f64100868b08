"""AgileNN as published (paper 3): the k most important channels stay on the device."""

import json
import sys

from .. import config as configuration
from . import Run, check_stage

parse = configuration.parse
STAGES = ("reference", "joint")


def check_until(stage: str | None) -> None:
    check_stage(stage, STAGES)


def check(config: configuration.Config) -> None:
    from .. import stages

    stages.check_geometry(config)


def check_export() -> None:
    from .. import export, pictures  # noqa: F401


def train(config: configuration.Config, run: Run) -> None:
    import torch

    from .. import data, distributed, pretraining, stages

    dataset = data.load(config.dataset.name, run.data, config.dataset.side or None)
    stages.check_batches(config, dataset)
    pretraining.make_missing(config, run.data, run.cache)
    stages.check(config, dataset, run.out)
    stage1 = stages.train_reference(config, dataset, run.out)
    if run.until == "reference":
        return
    model = stages.train_jointly(config, dataset, stage1, run.out)
    if run.until == "joint" or not distributed.leads():
        return
    from .. import pictures
    from ..export import export

    # The int8 chain is computed as the device and the server do it: on the CPU.
    torch.set_default_device("cpu")
    stage1, model = stage1.cpu(), model.cpu()
    attributor = stages.frozen_attributor(config, stage1, dataset.side, len(dataset.labels))
    manifest = export(config, run.command, model, stage1.reference, attributor, dataset, run.folder)
    drawn = pictures.draw(config, stage1, model, attributor, dataset, run.out)
    print("pictures:", *drawn, file=sys.stderr)
    print(json.dumps(manifest["trained"], indent=2))
