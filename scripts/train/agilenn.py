#!/usr/bin/env python3
"""Trains one bundle: scripts/train/agilenn.py Config/training/NAME.yaml [--data DIR] [--out DIR]"""

import argparse
import os
import sys
from pathlib import Path

ALLOCATOR = ("glibc.malloc.mmap_threshold=17179869184:"
             "glibc.malloc.trim_threshold=17179869184:glibc.malloc.hugetlb=1")


def tune_allocator() -> None:
    """Starts over with an allocator that keeps big tensors' memory: a third of the time saved."""
    if sys.platform == "linux" and "GLIBC_TUNABLES" not in os.environ:
        os.environ["GLIBC_TUNABLES"] = ALLOCATOR
        os.execv(sys.executable, [sys.executable, *sys.argv])


def arguments() -> argparse.Namespace:
    cache = Path.home() / ".cache" / "agilenn"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--data", type=Path, default=Path(
        os.environ.get("AGILENN_DATA") or cache / "datasets"),
        help="folder of the data sets (default: $AGILENN_DATA, else ~/.cache/agilenn/datasets)")
    parser.add_argument("--out", type=Path,
                        help="checkpoints and logs (default: ~/.cache/agilenn/training/NAME)")
    parser.add_argument("--threads", type=int, help="PyTorch's threads")
    parser.add_argument("--until", choices=["reference"], help="stop after this stage")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    from trainkit import config as configuration
    from trainkit import data
    from trainkit.errors import UserError

    try:
        config = configuration.read(options.config)
        data.check_present(config.dataset.name, options.data)
        import torch

        from trainkit import stages

        if options.threads:
            torch.set_num_threads(options.threads)
        out = options.out or Path.home() / ".cache/agilenn/training" / config.name
        out.mkdir(parents=True, exist_ok=True)
        dataset = data.load(config.dataset.name, options.data)
        stages.train_reference(config, dataset, out)
    except UserError as error:
        print(f"agilenn.py: {error}", file=sys.stderr)
        return error.status
    return 0


if __name__ == "__main__":
    tune_allocator()
    sys.exit(main())
