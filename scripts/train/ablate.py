#!/usr/bin/env python3
"""Varies one setting at a time, e.g. scripts/train/ablate.py Config/training/ablations/cifar10.yaml"""

import argparse
import sys
from pathlib import Path

from trainkit import commandline


def arguments() -> argparse.Namespace:
    return commandline.parser(__doc__).parse_args()


def train(options: argparse.Namespace) -> None:
    from trainkit import ablation, data

    wanted = ablation.parse(options.config)
    data.check_present(wanted.base.dataset.name, options.data)

    from trainkit import files

    commandline.prepare(options)
    out = options.out or commandline.CACHE / "training" / f"ablation-{options.config.stem}"
    with files.held(out):
        train_held(wanted, options, out)


def train_held(wanted, options: argparse.Namespace, out: Path) -> None:
    from trainkit import ablation, data, pictures, pretraining

    base = wanted.base
    dataset = data.load(base.dataset.name, options.data, base.dataset.side or None)
    ablation.check(wanted, dataset)
    pretraining.make_missing(base, options.data, commandline.CACHE / "training")
    table = ablation.run(wanted, dataset, out)
    pictures.ablation(table, ablation.standing(wanted), out / "ablation.png", base.name)
    print(table.read_text(), end="")
    print("picture:", out / "ablation.png", file=sys.stderr)


if __name__ == "__main__":
    commandline.tune_allocator()
    options = arguments()
    sys.exit(commandline.guarded("ablate.py", lambda: train(options)))
