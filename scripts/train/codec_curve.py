#!/usr/bin/env python3
"""What image codecs cost a backbone, e.g. scripts/train/codec_curve.py cifar10lite --tune 1

Prints CSV: codec, quality, mean bytes of an image's file, mean bytes of what a device sends of it (a JPEG's
scan, a WebP's frame), the accuracy of the backbone as it is on what the codec leaves of the test images
at their native size, and the accuracy after it was tuned to that codec, at all of its qualities, for so
many epochs (empty without --tune).
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
    parser.add_argument("--tune", type=commandline.count, metavar="EPOCHS",
                        help="tune the backbone to each lossy codec first, for so many epochs")
    parser.add_argument("--out", type=Path,
                        help="checkpoints (default: ~/.cache/agilenn/training/codecs-NAME)")
    commandline.add_data(parser)
    commandline.add_machine(parser)
    return parser.parse_args()


def measure(options: argparse.Namespace) -> None:
    from trainkit import data, pretraining

    planned = pretraining.planned(options.backbone)
    data.check_present(planned.dataset.name, options.data)

    from trainkit import backbone, codec_tuning, codecs, files
    from trainkit.fold import folded_body

    commandline.prepare(options)
    body = folded_body(backbone.rebuild(options.backbone))
    dataset = data.load(planned.dataset.name, options.data)
    if planned.heldOut:
        dataset = data.hold_out(dataset, planned.heldOut)
    out = options.out or commandline.CACHE / "training" / f"codecs-{options.backbone}"
    tuned = {}
    if options.tune:
        stage = codec_tuning.stage_of(planned, options.tune)
        with files.held(out):
            tuned = {codec: folded_body(codec_tuning.tuned(
                         planned, dataset, [s for s in codecs.SETTINGS if s.codec == codec], stage, out))
                     for codec in codecs.LOSSY}
    writer = csv.writer(sys.stdout)
    writer.writerow(["codec", "quality", "file", "bytes", "accuracy", "tuned"])
    for setting in codecs.SETTINGS:
        cost = codecs.measure(body, dataset.test, setting, options.count)
        after = ""
        if options.tune:
            # What loses nothing leaves nothing to learn.
            found = tuned.get(setting.codec, body)
            after = f"{codecs.measure(found, dataset.test, setting, options.count).accuracy:.2f}"
        writer.writerow([setting.codec, setting.quality, f"{cost.file:.1f}", f"{cost.payload:.1f}",
                         f"{cost.accuracy:.2f}", after])
        sys.stdout.flush()


if __name__ == "__main__":
    commandline.tune_allocator()
    options = arguments()
    sys.exit(commandline.guarded("codec_curve.py", lambda: measure(options)))
