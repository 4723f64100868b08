#!/usr/bin/env python3
"""What image codecs cost a backbone, e.g. scripts/train/codec_curve.py cifar10lite --count 2000

Prints CSV: codec, quality, mean bytes an image, and the accuracy of the backbone, which was not tuned for
it, on what the codec leaves of the first test images at their native size.
"""

import argparse
import csv
import sys
from pathlib import Path

from trainkit import commandline


def arguments() -> argparse.Namespace:
    parser = commandline.Parser(description=__doc__)
    parser.add_argument("backbone", help="its name, e.g. cifar10lite")
    parser.add_argument("--count", type=commandline.count, default=10_000, metavar="N",
                        help="test images (default: 10000)")
    commandline.add_data(parser)
    commandline.add_machine(parser)
    return parser.parse_args()


def measure(options: argparse.Namespace) -> None:
    from trainkit import data, pretraining

    name = pretraining.planned(options.backbone).dataset.name
    data.check_present(name, options.data)

    from trainkit import backbone, codecs

    commandline.prepare(options)
    body = backbone.rebuild(options.backbone)
    dataset = data.load(name, options.data)
    writer = csv.writer(sys.stdout)
    writer.writerow(["codec", "quality", "bytes", "accuracy"])
    for setting in codecs.SETTINGS:
        size, accuracy = codecs.measure(body, dataset, setting, options.count)
        writer.writerow([setting.codec, setting.quality, f"{size:.1f}", f"{accuracy:.2f}"])
        sys.stdout.flush()


if __name__ == "__main__":
    commandline.tune_allocator()
    options = arguments()
    sys.exit(commandline.guarded("codec_curve.py", lambda: measure(options)))
