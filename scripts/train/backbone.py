#!/usr/bin/env python3
"""Trains a data set's backbone, e.g. scripts/train/backbone.py Config/training/backbones/cifar10.yaml"""

import argparse
import sys
from pathlib import Path

from trainkit import commandline


def train(options: argparse.Namespace) -> None:
    from trainkit import config as configuration
    from trainkit import data

    config = configuration.parse_backbone(
        configuration.text_of(options.config), str(options.config))
    data.check_present(config.dataset.name, options.data)

    from trainkit import backbone, checkpoint, evaluate

    commandline.set_threads(options.threads)
    out = options.out or commandline.CACHE / "training" / f"backbone-{config.name}"
    checkpoint.load(out / "backbone.pt", config.fingerprint())
    dataset = data.load(config.dataset.name, options.data)
    body = backbone.train(config, dataset, out)
    path = options.weights or backbone.path_of(config.name)
    backbone.save(body, path)
    print(f"{path}: {evaluate.accuracy(body, dataset):.2f} % of {len(dataset.test)} test images")


if __name__ == "__main__":
    commandline.tune_allocator()
    parser = commandline.parser(__doc__)
    parser.add_argument("--weights", type=Path,
                        help="where the weights go (default: Config/backbones/NAME.npz)")
    options = parser.parse_args()
    sys.exit(commandline.guarded("backbone.py", lambda: train(options)))
