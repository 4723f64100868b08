#!/usr/bin/env python3
"""The `swift` clock preset, from instructions counted on the firmware.

    scripts/fit_swift_clock.py              prints the coefficients and every shape's residual
    scripts/fit_swift_clock.py --write      also rewrites Config/kernels/swift.yaml and the counted
                                            shapes that a test holds the preset against

It makes a model of one operator for each shape of a grid, has `agilenn-firmware` run them under QEMU
and count, turns the counts into cycles (scripts/qemu/cycles.py) and adds what flash costs. The preset's
coefficients minimise the squared relative errors of these cycles, none negative. The device program's
own work and the camera's conversion are counted on bundles, on noise and on digits. Run it with the Python
of scripts/setup test, after scripts/firmware; --bench and --firmware say where the two are if they are
not where a release build and scripts/firmware put them. docs/clock.md has the model.
"""
import argparse
import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts" / part) for part in ("oracle", "qemu")]

import cycles as counted_cycles  # noqa: E402
import swift_grid  # noqa: E402
from fit_clock import nonnegative_least_squares, significant  # noqa: E402

# A line of 32 bytes from flash at 216 MHz: 7 wait states and the read itself (RM0385, table 7), and
# four transfers of 64 bits.
CYCLES_PER_FETCHED_BYTE = 12 / 32

COUNTED = ROOT / "Tests" / "BoardTests" / "Fixtures" / "counted.csv"
COUNTED_PROGRAM = COUNTED.with_name("counted-program.csv")
PRESET = ROOT / "Config" / "kernels" / "swift.yaml"

FINISH = ("clampedOutput", "exactOutput")
BLOCKS = ("wideMac", "narrowMac", "wideOutput", "narrowOutput")
TERMS = {
    "conv2D": ("setup", "pixel", "run", "gathered", "staged") + BLOCKS + FINISH,
    "depthwiseConv2D": ("setup", "windowRun", "clippedBlock", "pixel", "run") + BLOCKS + FINISH,
    "fullyConnected": ("setup",) + BLOCKS + FINISH,
    "add": ("setup", "output") + FINISH,
    "mul": ("setup", "output"),
    "averagePool2D": ("setup", "pixel", "run", "output", "column"),
    "maxPool2D": ("setup", "pixel", "run", "output", "column"),
    "mean": ("setup", "output", "input"),
    "pad": ("setup", "output", "input"),
    "copy": ("setup", "output"),
    "transpose": ("setup", "pixel", "output"),
    "softmax": ("setup", "pixel", "output"),
    "logistic": ("setup", "output"),
    "stridedSlice": ("setup", "pixel", "output"),
    "concatenation": ("setup", "pixel", "output"),
    "quantize": ("setup", "output"),
    "dequantize": ("setup", "output"),
    "requantize": ("setup", "output"),
    "resizeNearest": ("setup", "pixel", "output"),
}
# Classes that the kernels treat alike.
ALSO = {"conv2D": ("conv2D", "shallowConv2D", "pointwise")}

HEADER = """\
# Cycles of our own kernels on a Cortex-M7, written by scripts/fit_swift_clock.py --write.
# Instructions counted under QEMU on a grid of shapes, as cycles by a model of the core and its flash;
# what the model is, and how far these terms miss it, is in docs/clock.md.
name: swift
extends: cmsis-nn
source: "instructions counted on the firmware under QEMU, scripts/fit_swift_clock.py"
estimate: false
operators:   # cycles for each unit of a term (CostTerm)
"""


def count(shapes, bench, firmware):
    """Instructions and cycles of each shape."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for index, shape in enumerate(shapes):
            path = os.path.join(folder, "%03d.tflite" % index)
            pathlib.Path(path).write_bytes(shape.model())
            paths.append(path)
        counts = os.path.join(folder, "counts")
        subprocess.run(
            [bench, "--firmware", firmware, "--inputs", "1", "--counts", counts] + paths,
            check=True, stdout=subprocess.DEVNULL)
        program = counted_cycles.Program(os.path.join(firmware, "firmware.elf"))
        found = {}
        for job, phase, table in counted_cycles.read(counts):
            if phase >= 16:
                instructions, total, _ = program.cycles(table)
                before = found.get(job, (0, 0))
                found[job] = (before[0] + instructions, before[1] + total)
    return [found["%03d.tflite" % index] for index in range(len(shapes))]


def fit(rows, terms):
    """Coefficients of `terms` that minimise the relative errors of (terms, cycles) rows."""
    a = np.array([[row[term] / total for term in terms] for row, total in rows])
    b = np.array([1 - CYCLES_PER_FETCHED_BYTE * row["fetched"] / total for row, total in rows])
    scale = a.max(axis=0)
    scale[scale == 0] = 1
    return dict(zip(terms, nonnegative_least_squares(a / scale, b) / scale))


def predict(row, coefficients):
    return CYCLES_PER_FETCHED_BYTE * row["fetched"] + sum(
        value * row[term] for term, value in coefficients.items())


BUNDLES = tuple(str(ROOT / folder) for folder in (
    "Config/models/cifar10/agilenn", "Config/models/digits/agilenn", "Tests/Fixtures/bundles/tiny"))
CAMERAS = (None, "48x48", "64x48", "96x96", "160x120", "320x240")
# Phases of docs/firmware.md: the request, and the first operator, which is the camera's.
REQUEST, CAMERA = 2, 16
# What stands before the payload in an infer frame: docs/protocol.md.
FRAME_HEAD = 16
# Cycles a byte to hand a frame to the radio module, an estimate: the driver is the board's. The program
# itself copies nothing, for the coder writes where the frame wants the payload.
RADIO = 2
# Cycles of the quantiser's table for a symbol, which the coder's loop reads: two loads, a store and the
# loop. The preset tells it apart, for a bundle may send its symbols uncoded.
QUANTISER = 6.0


def resizing(bundle, copy):
    """A copy whose manifest lets the device resize what its camera delivers."""
    shutil.copytree(bundle, copy)
    path = pathlib.Path(copy, "bundle.json")
    manifest = json.loads(path.read_text())
    manifest["input"]["resize"] = "bilinear"
    path.write_text(json.dumps(manifest))
    return copy


def count_bundles(bench, firmware):
    """-> of each run's camera (kind, run, cycles); of its request (run, symbols, bytes of the frame,
    cycles of the coder, of the frame)."""
    program = counted_cycles.Program(os.path.join(firmware, "firmware.elf"))
    cameras, requests = [], []
    with tempfile.TemporaryDirectory() as folder:
        table = os.path.join(folder, "counts")
        bundles = [resizing(bundle, os.path.join(folder, *pathlib.Path(bundle).parts[-2:]))
                   for bundle in BUNDLES]
        for camera in CAMERAS:
            for digits in (False, True):
                subprocess.run(
                    [bench, "--firmware", firmware, "--inputs", "8", "--counts", table, *bundles]
                    + (["--digits"] if digits else [])
                    + (["--camera", camera] if camera else []),
                    check=True, stdout=subprocess.DEVNULL)
                sent = counted_cycles.sent(table)
                for job, phase, counts in counted_cycles.read(table):
                    name = "%s %s%s" % (
                        job, "digits" if digits else "noise", " " + camera if camera else "")
                    if phase == CAMERA:
                        kind = "resizedCamera" if camera else "camera"
                        cameras.append((kind, name, program.cycles(counts)[1]))
                    elif phase == REQUEST:
                        symbols, frame = sent[job]
                        coder = {a: c for a, c in counts.items()
                                 if "FeatureCoding" in program.code.get(a, ("", "", ""))[2]}
                        rest = {a: c for a, c in counts.items() if a not in coder}
                        requests.append((name, symbols, frame, program.cycles(coder)[1],
                                         program.cycles(rest)[1]))
    return cameras, requests


def program_lines(bench, firmware):
    """The preset's lines for the camera, those of `program`, and rows of what was counted: what,
    where, symbols or elements, bytes, cycles."""
    cameras, requests = count_bundles(bench, firmware)
    elements = 32 * 32 * 3
    lines = []
    for name in ("camera", "resizedCamera"):
        found = [total / elements for kind, _, total in cameras if kind == name]
        mean = np.mean(found)
        print("== %s: worst %.1f %%, %d runs" % (
            name, 100 * max(abs(value / mean - 1) for value in found), len(found)))
        lines.append("  %s: {output: %s}" % (name, significant(mean)))
    rows = [({"symbol": symbols, "byte": frame - FRAME_HEAD, "fetched": 0}, total)
            for _, symbols, frame, total, _ in requests]
    coder = fit(rows, ("symbol", "byte"))
    errors = [predict(row, coder) / total - 1 for row, total in rows]
    for (name, *_), (_, total), error in zip(requests, rows, errors):
        print("%-60s %9.0f cycles %+6.1f %%" % (name, total, 100 * error))
    print("== coder: worst %.1f %%, %d runs" % (100 * max(map(abs, errors)), len(errors)))
    frames = [rest for *_, rest in requests]
    print("== frame: %.0f to %.0f cycles" % (min(frames), max(frames)))
    table = [(kind, name, elements, 0, round(total)) for kind, name, total in cameras]
    table += [("encode", name, round(symbols), round(frame - FRAME_HEAD), round(total))
              for name, symbols, frame, total, _ in requests]
    return lines, [
        "# Counted: the coder, and the frame's set-up. Estimates: the quantiser's share of the coder's loop,",
        "# a frame's bytes, which the board's driver hands to the radio module, and the combination.",
        "program:",
        "  quantise: {symbol: %s}" % significant(QUANTISER),
        "  encode: {symbol: %s, byte: %s}" % (
            significant(coder["symbol"] - QUANTISER), significant(coder["byte"])),
        "  frame: {setup: %s, byte: %s}" % (significant(np.mean(frames)), RADIO),
        "  combine: {class: 40}",
    ], table


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--bench", default=str(ROOT / ".build/release/agilenn-firmware"))
    parser.add_argument("--firmware", default=os.path.join(
        os.environ.get("AGILENN_CACHE", os.path.expanduser("~/.cache/agilenn")), "firmware"))
    arguments = parser.parse_args()

    shapes = swift_grid.shapes()
    counts = count(shapes, arguments.bench, arguments.firmware)
    by_class = {}
    for shape, (instructions, total) in zip(shapes, counts):
        row = shape.terms()
        total += CYCLES_PER_FETCHED_BYTE * row["fetched"]
        by_class.setdefault(shape.operator_class, []).append((shape, row, total, instructions))
    lines, table = [], []
    for name, terms in TERMS.items():
        members = by_class[name]
        coefficients = fit([(row, total) for _, row, total, _ in members], terms)
        written = {t: v for t, v in coefficients.items() if v > 0}
        if name in ("conv2D", "depthwiseConv2D", "fullyConnected"):
            written["fetched"] = CYCLES_PER_FETCHED_BYTE
        text = ", ".join("%s: %s" % (t, significant(v)) for t, v in written.items())
        lines += ["  %s: {%s}" % (n, text) for n in ALSO.get(name, (name,))]
        errors = []
        for shape, row, total, instructions in members:
            error = predict(row, coefficients) / total - 1
            errors.append(error)
            table.append(shape.record() + [round(instructions), round(total)])
            print("%-60s %9d instructions %9.0f cycles %+6.1f %%" % (
                shape, instructions, total, 100 * error))
        print("== %s: worst %.1f %%, %d shapes" % (
            name, 100 * max(map(abs, errors)), len(errors)))
    cameras, program, work = program_lines(arguments.bench, arguments.firmware)
    text = HEADER + "\n".join(lines + cameras + program) + "\n"
    print(text)
    if arguments.write:
        PRESET.write_text(text)
        COUNTED.parent.mkdir(exist_ok=True)
        with open(COUNTED, "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(swift_grid.Shape.FIELDS + ("instructions", "cycles"))
            writer.writerows(table)
        with open(COUNTED_PROGRAM, "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("work", "run", "units", "bytes", "cycles"))
            writer.writerows(work)


if __name__ == "__main__":
    main()
