#!/usr/bin/env python3
"""Writes int8 models, random inputs for them and TensorFlow Lite Micro's outputs.

    scripts/oracle/generate.py --out DIR [--models FOLDER] [--seed N]

DIR/index.json lists the cases. A case's `vectors` file holds `count` records, each the inputs'
bytes and then the outputs' bytes, in the subgraph's order, little-endian.
"""

import argparse
import collections
import json
import pathlib
import shutil
import sys

import numpy as np

import given_model
import micro
from draw import SAMPLE_KINDS, Draw
from networks import network
from operators import OPERATORS

VARIANTS = 25
ATTEMPTS = 4
INPUTS_PER_GIVEN_MODEL = 200


class Generator:
    def __init__(self, out, seed):
        self.out = out
        self.seed = seed
        self.cases = []
        self.refused = collections.Counter()

    def operator(self, name, build):
        """VARIANTS models that TensorFlow Lite Micro takes; those that it refuses are drawn anew,
        a few times each, and counted."""
        accepted, variant = 0, 0
        while accepted < VARIANTS:
            if variant > 4 * VARIANTS:
                raise SystemExit(f"generate: too few models of {name} are accepted")
            for attempt in range(ATTEMPTS):
                draw = Draw(self.seed, name, variant, attempt)
                case = build(draw)
                samples = [[draw.sample(x, kind) for x in case.inputs] for kind in SAMPLE_KINDS]
                try:
                    self.store(name, f"{name.lower()}-{accepted:02}", case.description, case.model,
                               samples)
                except micro.Refused as refusal:
                    self.refused[f"{name}: {refusal}"] += 1
                    continue
                accepted += 1
                break
            variant += 1

    def given(self, path):
        """A model that someone else made, with random inputs over the whole of its types."""
        model = path.read_bytes()
        samples = given_model.samples(model, path.name, INPUTS_PER_GIVEN_MODEL, self.seed)
        self.store("GIVEN", path.stem, path.name, model, samples)

    def store(self, operator, stem, description, model, samples):
        results, arena = micro.run(model, samples, timeout_s=600)
        records = [b"".join(np.ascontiguousarray(a).tobytes() for a in sample + outputs)
                   for sample, outputs in zip(samples, results)]
        (self.out / f"{stem}.tflite").write_bytes(model)
        (self.out / f"{stem}.bin").write_bytes(b"".join(records))
        self.cases.append({
            "operator": operator, "description": description, "model": f"{stem}.tflite",
            "vectors": f"{stem}.bin", "count": len(records),
            "inputBytes": [a.nbytes for a in samples[0]],
            "outputBytes": [a.nbytes for a in results[0]], "nonPersistentArenaBytes": arena})

    def index(self):
        return {"seed": self.seed, "cases": self.cases,
                "refused": [{"reason": reason, "count": count}
                            for reason, count in sorted(self.refused.items())]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--out", type=pathlib.Path, required=True, help="a folder; made anew")
    parser.add_argument("--models", type=pathlib.Path, help="a folder of other .tflite files")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.models and not arguments.models.is_dir():
        parser.error(f"no folder {arguments.models}")

    if arguments.out.exists():
        if any(arguments.out.iterdir()) and not (arguments.out / "index.json").exists():
            parser.error(f"{arguments.out} has something else in it")
        shutil.rmtree(arguments.out)
    arguments.out.mkdir(parents=True)
    generator = Generator(arguments.out, arguments.seed)
    for name, build in OPERATORS.items():
        generator.operator(name, build)
    generator.operator("NETWORK", network)
    for path in sorted(arguments.models.glob("*.tflite")) if arguments.models else []:
        try:
            generator.given(path)
        except micro.Refused as refusal:
            print(f"generate: TensorFlow Lite Micro refuses {path.name}: {refusal}", file=sys.stderr)
    (arguments.out / "index.json").write_text(json.dumps(generator.index(), indent=1))
    print(f"generate: {len(generator.cases)} models, "
          f"{sum(case['count'] for case in generator.cases)} inputs, "
          f"{sum(generator.refused.values())} models refused and drawn anew", file=sys.stderr)


if __name__ == "__main__":
    main()
