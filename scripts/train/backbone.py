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

    from trainkit import backbone, pretraining

    commandline.prepare(options)
    out = options.out or commandline.CACHE / "training" / f"backbone-{config.name}"
    pretraining.make(config, options.data, out, options.weights or backbone.path_of(config.name))


if __name__ == "__main__":
    commandline.tune_allocator()
    parser = commandline.parser(__doc__)
    parser.add_argument("--weights", type=Path,
                        help="where the weights go (default: Config/backbones/NAME.npz)")
    options = parser.parse_args()
    sys.exit(commandline.guarded("backbone.py", lambda: train(options)))
