#!/usr/bin/env python3
"""Trains one bundle, e.g. scripts/train/train.py Config/training/cifar10-agilenn.yaml"""

import argparse
import sys
from pathlib import Path

from trainkit import commandline


def arguments() -> argparse.Namespace:
    parser = commandline.parser(__doc__)
    parser.add_argument("--models", type=Path, default=commandline.ROOT / "Config" / "models",
                        help="the bundle goes to DATASET/SCHEME in here")
    parser.add_argument("--until", metavar="STAGE",
                        help="stop after a stage of the scheme, before a bundle is written")
    return parser.parse_args()


def train(options: argparse.Namespace) -> None:
    # PyTorch takes seconds to load: a missing file is told before.
    from trainkit import config as configuration
    from trainkit import data, schemes

    source = str(options.config)
    text = configuration.text_of(options.config)
    scheme = schemes.of(text, source)
    config = scheme.parse(text, source)
    scheme.check_until(options.until)
    data.check_present(config.dataset.name, options.data)
    out = options.out or commandline.CACHE / "training" / config.name

    from trainkit import files

    commandline.prepare(options)
    folder = options.models / config.folder
    scheme.check(config)
    if options.until is None:
        files.check_writable(folder)
        # A machine that only trains need not be able to export; of another it is told now, not after
        # hours.
        scheme.check_export()
    command = f"scripts/train/train.py {commandline.shown(options.config)}"
    with files.held(out):
        scheme.train(config, schemes.Run(
            options.data, commandline.CACHE / "training", out, folder, command, options.until))


if __name__ == "__main__":
    commandline.tune_allocator()
    options = arguments()
    sys.exit(commandline.guarded("train.py", lambda: train(options)))
