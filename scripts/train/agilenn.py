#!/usr/bin/env python3
"""Trains one bundle, e.g. scripts/train/agilenn.py Config/training/cifar10-agilenn.yaml"""

import argparse
import json
import sys
from pathlib import Path

from trainkit import commandline


def arguments() -> argparse.Namespace:
    parser = commandline.parser(__doc__)
    parser.add_argument("--models", type=Path, default=commandline.ROOT / "Config" / "models",
                        help="the bundle goes to DATASET/SCHEME in here")
    parser.add_argument("--until", choices=["reference", "joint"],
                        help="stop after stage 1, or where a bundle would be written")
    return parser.parse_args()


def train(options: argparse.Namespace) -> None:
    # PyTorch takes seconds to load: a missing file is told before.
    from trainkit import config as configuration
    from trainkit import data

    config = configuration.parse(configuration.text_of(options.config), str(options.config))
    data.check_present(config.dataset.name, options.data)
    out = options.out or commandline.CACHE / "training" / config.name
    folder = options.models / config.folder

    from trainkit import files, stages

    commandline.prepare(options)
    stages.check_geometry(config)
    if options.until is None:
        files.check_writable(folder)
        # A machine that only trains need not be able to export; of another it is told now, not after
        # hours.
        from trainkit import export, pictures  # noqa: F401
    with files.held(out):
        train_held(config, options, out, folder)


def train_held(config, options: argparse.Namespace, out: Path, folder: Path) -> None:
    import torch

    from trainkit import data, pretraining, stages

    dataset = data.load(config.dataset.name, options.data, config.dataset.side or None)
    stages.check_batches(config, dataset)
    pretraining.make_missing(config, options.data, commandline.CACHE / "training")
    stages.check(config, dataset, out)
    stage1 = stages.train_reference(config, dataset, out)
    if options.until == "reference":
        return
    model = stages.train_jointly(config, dataset, stage1, out)
    if options.until == "joint":
        return
    from trainkit import pictures
    from trainkit.export import export

    # The int8 chain is computed as the device and the server do it: on the CPU.
    torch.set_default_device("cpu")
    stage1, model = stage1.cpu(), model.cpu()
    attributor = stages.frozen_attributor(config, stage1, dataset.side, len(dataset.labels))
    command = f"scripts/train/agilenn.py {commandline.shown(options.config)}"
    manifest = export(config, command, model, stage1.reference, attributor, dataset, folder)
    drawn = pictures.draw(config, stage1, model, attributor, dataset, out)
    print("pictures:", *drawn, file=sys.stderr)
    print(json.dumps(manifest["trained"], indent=2))


if __name__ == "__main__":
    commandline.tune_allocator()
    options = arguments()
    sys.exit(commandline.guarded("agilenn.py", lambda: train(options)))
