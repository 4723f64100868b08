#!/usr/bin/env python3
"""Plan execution side by side with LiteRT (XNNPACK, one thread) in one run.

    Benchmarks/compare.py RESNET8.tflite [--rounds N]

Needs the Python of `scripts/setup test` and `swift build -c release --package-path Benchmarks`. Takes
turns, a round of each, so that both see the same machine; prints the median microseconds of one
inference and their ratio for the file, and for the feature extractor that AgileNN's authors published.
"""
import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
from ai_edge_litert.interpreter import Interpreter

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts" / "oracle"))
import published_extractor  # noqa: E402


def litert(path):
    """A function that times `runs` inferences, in microseconds each."""
    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    tensor = interpreter.get_input_details()[0]
    interpreter.set_tensor(tensor["index"], np.ones(tensor["shape"], tensor["dtype"]))
    interpreter.invoke()

    def measure(runs):
        start = time.perf_counter()
        for _ in range(runs):
            interpreter.invoke()
        return (time.perf_counter() - start) / runs * 1e6
    return measure


def compare(name, path, tool, rounds, runs):
    theirs = litert(path)
    process = subprocess.Popen([tool, str(path), str(rounds), str(runs)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    ours, others = [], []
    for _ in range(rounds):
        process.stdin.write("\n")
        process.stdin.flush()
        ours.append(float(process.stdout.readline()))
        others.append(theirs(runs))
    process.stdin.close()
    if process.wait() != 0:
        sys.exit("compare: plan-speed failed")
    mine, other = statistics.median(ours), statistics.median(others)
    print("%-20s plan %8.1f us (%6.0f a second), LiteRT %8.1f us, ratio %.2f" % (
        name, mine, 1e6 / mine, other, mine / other))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("resnet8")
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--tool", default=str(ROOT / "Benchmarks/.build/release/plan-speed"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        extractor = pathlib.Path(folder) / "extractor.tflite"
        extractor.write_bytes(published_extractor.model())
        compare("ResNet-8", arguments.resnet8, arguments.tool, arguments.rounds, 20)
        compare("published extractor", extractor, arguments.tool, arguments.rounds, 100)


if __name__ == "__main__":
    main()
