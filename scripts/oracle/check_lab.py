#!/usr/bin/env python3
"""Holds `agilenn-lab run` against TensorFlow Lite Micro on any int8 .tflite files.

    scripts/oracle/check_lab.py FILE.tflite... [--count 200] [--seed N] [--lab PROGRAM]

Prints a line for each file; exit status 1 where outputs differ or either side refuses the model.
"""

import argparse
import base64
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np

import given_model
import micro

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Failed(Exception):
    """The program did not run the model; the message is its last line."""


def lab_run(lab, path, sample):
    with tempfile.NamedTemporaryFile(suffix=".raw") as raw:
        raw.write(b"".join(np.ascontiguousarray(a).tobytes() for a in sample))
        raw.flush()
        done = subprocess.run([lab, "run", path, "--input", raw.name, "--json"],
                              capture_output=True, text=True)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        raise Failed(f"exit status {done.returncode}: {lines[-1] if lines else ''}")
    return json.loads(done.stdout)


def difference(index, expected, receipt):
    """Where one input's outputs differ, in words, or None."""
    if len(receipt["outputs"]) != len(expected):
        return f"{len(receipt['outputs'])} outputs instead of {len(expected)}"
    for number, (want, output) in enumerate(zip(expected, receipt["outputs"])):
        have = np.frombuffer(base64.b64decode(output["data"]), dtype=np.uint8)
        want_bytes = np.frombuffer(np.ascontiguousarray(want).tobytes(), dtype=np.uint8)
        if have.shape != want_bytes.shape:
            return f"input {index}, output {number}: {have.size} bytes instead of {want_bytes.size}"
        unequal = np.flatnonzero(have != want_bytes)
        if unequal.size:
            return (f"input {index}, output {number}: {unequal.size} of {have.size} bytes differ, "
                    f"first at {unequal[0]}")
        if list(output["shape"]) != list(want.shape):
            return f"output {number}: shape {output['shape']} instead of {list(want.shape)}"
    return None


def check(lab, path, count, seed):
    """A line about one file, and whether all is well."""
    model = path.read_bytes()
    try:
        samples = given_model.samples(model, path.name, count, seed)
        expected, arena = micro.run(model, samples, timeout_s=600)
    except micro.Refused as refusal:
        return f"TensorFlow Lite Micro refuses it: {refusal}", False
    try:
        for index, sample in enumerate(samples):
            receipt = lab_run(lab, path, sample)
            unequal = difference(index, expected[index], receipt)
            if unequal:
                return f"UNEQUAL, {unequal}", False
    except Failed as failure:
        return str(failure), False
    peak = receipt["arenaPeak"]
    line = f"equal on {count} inputs; arena {peak} bytes, TensorFlow Lite Micro's {arena}"
    return line, peak <= arena


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("files", type=pathlib.Path, nargs="+", metavar="FILE.tflite")
    parser.add_argument("--count", type=int, default=200, help="inputs for each file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lab", default=ROOT / ".build/release/agilenn-lab",
                        help="the built agilenn-lab")
    arguments = parser.parse_args()
    if arguments.count < 1:
        parser.error("--count must be at least 1")
    if shutil.which(arguments.lab) is None:
        parser.error(f"no program {arguments.lab}; build it: swift build -c release")
    for path in arguments.files:
        if not path.is_file():
            parser.error(f"no file {path}")

    all_well = True
    for path in arguments.files:
        line, well = check(arguments.lab, path, arguments.count, arguments.seed)
        print(f"{path.name}: {line}", flush=True)
        all_well = all_well and well
    sys.exit(0 if all_well else 1)


if __name__ == "__main__":
    main()
