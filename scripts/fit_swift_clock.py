#!/usr/bin/env python3
"""The `swift` clock preset, from instructions counted on the firmware.

    scripts/fit_swift_clock.py              prints the coefficients and every shape's residual
    scripts/fit_swift_clock.py --write      also rewrites Config/kernels/swift.yaml and the counted
                                            shapes that a test holds the preset against

It makes a model of one operator for each shape of a grid, has `agilenn-firmware` run them under QEMU
and count, turns the counts into cycles (scripts/qemu/cycles.py) and adds what flash costs. The preset's
coefficients minimise the squared relative errors of these cycles, none negative. The device program's
own work and the camera's conversion are counted on bundles, on noise and on digits; --program counts
these alone and prints them. Run it with the Python
of scripts/setup test, after scripts/firmware; --bench and --firmware say where the two are if they are
not where a release build and scripts/firmware put them. docs/clock.md has the model.
"""
import argparse
import csv
import json
import os
import pathlib
import re
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
    "Config/models/cifar10/agilenn", "Config/models/cifar10/agilenn-split", "Config/models/digits/agilenn",
    "Tests/Fixtures/bundles/tiny"))
CAMERAS = (None, "48x48", "64x48", "96x96", "160x120", "320x240")
# Phases of docs/firmware.md: coding a part, the server's frames with the answers that they bring, all
# other events, and the first operator, which is the camera's.
CODE, ANSWER, EVENTS, CAMERA = 2, 3, 5, 16
COSTS = {"lzw": ("symbol", "byte"), "range": ("symbol", "reference", "byte")}
CODERS = tuple(COSTS)
# JPEG's, of pixels and blocks; counted on pictures of these sides, at these qualities.
JPEG_COST = ("pixel", "block", "byte")
SIDES, QUALITIES, CHROMA = (32, 64, 96), (10, 50, 75, 95), ("4:2:0", "4:4:4")
PICTURES = str(ROOT / "Tests/Fixtures/bundles/edge-only")
# Cycles a byte to hand a frame to the radio module, an estimate: the driver is the board's. The program
# itself copies nothing, for the coder writes where the frame wants the payload.
RADIO = 2
# Cycles of the quantiser's table for a symbol, which the coder's loop reads: two loads, a store and the
# loop. The preset tells it apart, for a bundle may send its symbols uncoded.
QUANTISER = 6.0


def variant(bundle, copy, coder):
    """A copy whose manifest lets the device resize what its camera delivers, with a coder; None where
    the bundle has no tables for it."""
    manifest = json.loads(pathlib.Path(bundle, "bundle.json").read_text())
    manifest["input"]["resize"] = "bilinear"
    for path in manifest["paths"]:
        for send in path.get("sends", []):
            if coder == "range" and send["coder"]["name"] != "range":
                return None
            if coder == "lzw":
                send["coder"] = {"name": "lzw"}
    shutil.copytree(bundle, copy)
    pathlib.Path(copy, "bundle.json").write_text(json.dumps(manifest))
    return copy


def count_bundles(bench, firmware, bundles):
    """-> of each run's camera (kind, run, cycles); of its coding (coder, run, parts, symbols, references,
    blocks, pixels, bytes, cycles of the coder, of the rest of the program)."""
    program = counted_cycles.Program(os.path.join(firmware, "firmware.elf"))
    cameras, codings = [], []
    for coder in CODERS:
        with tempfile.TemporaryDirectory() as folder:
            table = os.path.join(folder, "counts")
            copies = [variant(b, os.path.join(folder, *pathlib.Path(b).parts[-2:]), coder)
                      for b in bundles]
            copies = [copy for copy in copies if copy]
            if not copies:
                print("== no bundle has tables for the coder %s: its figures stay" % coder)
                continue
            for camera in CAMERAS:
                for digits in (False, True):
                    subprocess.run(
                        [bench, "--firmware", firmware, "--inputs", "8", "--counts", table, *copies]
                        + (["--digits"] if digits else [])
                        + (["--camera", camera] if camera else []),
                        check=True, stdout=subprocess.DEVNULL)
                    name = "%s" + (" digits" if digits else " noise")
                    name += " " + camera if camera else ""
                    cameras += [
                        ("resizedCamera" if camera else "camera", name % job,
                         program.cycles(counts)[1])
                        for job, phase, counts in counted_cycles.read(table)
                        if phase == CAMERA and coder == CODERS[0]]
                    codings += [
                        (coder, name % job) + amounts
                        for job, amounts in split(program, table, "FeatureCoding")]
    return cameras, codings


def count_pictures(bench, firmware):
    """-> of each run that codes a picture: (name, blocks, pixels, bytes, cycles)."""
    program = counted_cycles.Program(os.path.join(firmware, "firmware.elf"))
    found = []
    with tempfile.TemporaryDirectory() as folder:
        table = os.path.join(folder, "counts")
        copies = [picture_variant(os.path.join(folder, "jpeg", "%d-q%d-%s" % (
                      side, quality, chroma.replace(":", ""))), side, quality, chroma)
                  for side in SIDES for quality in QUALITIES for chroma in CHROMA]
        for digits in (False, True):
            subprocess.run([bench, "--firmware", firmware, "--inputs", "4", "--counts", table, *copies]
                           + (["--digits"] if digits else []), check=True, stdout=subprocess.DEVNULL)
            for job, amounts in split(program, table, "ImageCoding"):
                _, _, _, blocks, pixels, size, total, _ = amounts
                found.append((job + (" digits" if digits else " noise"), blocks, pixels, size, total))
    return found


def picture_variant(copy, side, quality, chroma):
    """A bundle that sends pictures of another side, as JPEG; the chip knows nothing of its network."""
    manifest = json.loads(pathlib.Path(PICTURES, "bundle.json").read_text())
    manifest["input"].update(width=side, height=side)
    for path in manifest["paths"]:
        path["codec"] = {"name": "jpeg", "quality": quality, "chroma": chroma}
        del path["sends"][0]["missing"]
    shutil.copytree(PICTURES, copy)
    pathlib.Path(copy, "bundle.json").write_text(json.dumps(manifest))
    return copy


def split(program, table, module):
    """Yields (job, (parts, symbols, references, blocks, pixels, bytes, cycles of the module that codes, of
    the rest)) for one image."""
    amounts = counted_cycles.coded(table)
    rest = {}
    coders = {}
    for job, phase, counts in counted_cycles.read(table):
        if phase not in (CODE, EVENTS):
            continue
        coder = {a: c for a, c in counts.items()
                 if module in program.code.get(a, ("", "", ""))[2]}
        coders[job] = coders.get(job, 0) + program.cycles(coder)[1]
        rest[job] = rest.get(job, 0) + program.cycles(
            {a: c for a, c in counts.items() if a not in coder})[1]
    for job in coders:
        yield job, amounts[job][1:] + (coders[job], rest[job])


def count_answers(bench, firmware):
    """-> of each bundle: (name, classes, cycles of taking in a prediction and answering)."""
    program = counted_cycles.Program(os.path.join(firmware, "firmware.elf"))
    bundles = BUNDLES + (str(ROOT / "Config/models/cifar100/agilenn"),)
    with tempfile.TemporaryDirectory() as folder:
        table = os.path.join(folder, "counts")
        subprocess.run([bench, "--firmware", firmware, "--inputs", "8", "--counts", table, *bundles],
                       check=True, stdout=subprocess.DEVNULL)
        found = {job: program.cycles(counts)[1]
                 for job, phase, counts in counted_cycles.read(table) if phase == ANSWER}
    classes = {"/".join(pathlib.Path(b).parts[-2:]):
               len(json.loads(pathlib.Path(b, "bundle.json").read_text())["labels"]) for b in bundles}
    return [(job, 2 * classes[job], cycles) for job, cycles in found.items()]


def kept(coder):
    """What the preset has for a coder: {"symbol": cycles, ...}."""
    found = re.search(coder + r": \{([^}]*)\}", PRESET.read_text())
    return {key: float(value) for key, value in
            (pair.split(": ") for pair in found[1].split(", "))}


def coder_terms(codings, coder):
    """Cycles a symbol beside the quantiser's, a reference where the coder has any, and a byte; and the
    rows of the table."""
    runs = [(name, symbols, references, size, total)
            for kind, name, _, symbols, references, _, _, size, total, _ in codings if kind == coder]
    if not runs:
        return kept(coder), []
    rows = [({"symbol": symbols, "reference": references, "byte": size, "fetched": 0}, total)
            for _, symbols, references, size, total in runs]
    found = fit(rows, COSTS[coder])
    errors = [predict(row, found) / total - 1 for row, total in rows]
    for (name, symbols, references, size, total), error in zip(runs, errors):
        print("%-6s %-56s %6.0f symbols %6.0f references %6.0f bytes %9.0f cycles %+6.1f %%" % (
            coder, name, symbols, references, size, total, 100 * error))
    print("== %s: worst %.1f %%, %d runs" % (coder, 100 * max(map(abs, errors)), len(errors)))
    table = [("encode-" + coder, name, round(symbols), round(references), round(size), round(total))
             for name, symbols, references, size, total in runs]
    return {**found, "symbol": found["symbol"] - QUANTISER}, table


def jpeg_terms(runs):
    """Cycles a pixel, a block and a byte; and the rows of the table, pixels in the place of units and blocks
    in that of references."""
    rows = [({"pixel": pixels, "block": blocks, "byte": size, "fetched": 0}, total)
            for _, blocks, pixels, size, total in runs]
    found = fit(rows, JPEG_COST)
    errors = [predict(row, found) / total - 1 for row, total in rows]
    for (name, blocks, pixels, size, total), error in zip(runs, errors):
        print("jpeg   %-56s %6.0f blocks %6.0f pixels %6.0f bytes %9.0f cycles %+6.1f %%" % (
            name, blocks, pixels, size, total, 100 * error))
    print("== jpeg: worst %.1f %%, %d runs" % (100 * max(map(abs, errors)), len(errors)))
    return found, [("encode-jpeg", name, round(pixels), round(blocks), round(size), round(total))
                   for name, blocks, pixels, size, total in runs]


def program_lines(bench, firmware, bundles):
    """The preset's lines for the camera, those of `program`, and rows of what was counted: what,
    where, symbols or elements, references, bytes, cycles."""
    cameras, codings = count_bundles(bench, firmware, bundles)
    elements = 32 * 32 * 3
    lines = []
    for name in ("camera", "resizedCamera"):
        found = [total / elements for kind, _, total in cameras if kind == name]
        mean = np.mean(found)
        print("== %s: worst %.1f %%, %d runs" % (
            name, 100 * max(abs(value / mean - 1) for value in found), len(found)))
        lines.append("  %s: {output: %s}" % (name, significant(mean)))
    table = [(kind, name, elements, 0, 0, round(total)) for kind, name, total in cameras]
    encode = []
    for coder in CODERS:
        found, rows = coder_terms(codings, coder)
        encode.append("%s: {%s}" % (coder, ", ".join(
            "%s: %s" % (key, significant(found[key])) for key in COSTS[coder])))
        table += rows
    found, rows = jpeg_terms(count_pictures(bench, firmware))
    encode.append("jpeg: {%s}" % ", ".join(
        "%s: %s" % (key, significant(found[key])) for key in JPEG_COST))
    table += rows
    answers = count_answers(bench, firmware)
    answer = fit([({"setup": 1, "logit": logits, "fetched": 0}, total)
                  for _, logits, total in answers], ("setup", "logit"))
    for name, logits, total in answers:
        print("answer %-56s %6d logits %9.0f cycles" % (name, logits, total))
    table += [("answer", name, logits, 0, 0, round(total)) for name, logits, total in answers]
    frames = [coding[-1] / coding[2] for coding in codings]
    print("== frame: %.0f to %.0f cycles a part" % (min(frames), max(frames)))
    return lines, [
        "# Counted: the coders, what the device program does for each part of a payload (its frames and its",
        "# turns between the work), and its answer. Estimates: the quantiser's share of the coder's loop, and",
        "# a frame's bytes, which the board's driver hands to the radio module.",
        "program:",
        "  quantise: {symbol: %s}" % significant(QUANTISER),
        "  encode: {%s}" % ", ".join(encode),
        "  frame: {setup: %s, byte: %s}" % (significant(np.mean(frames)), RADIO),
        "  answer: {setup: %s, logit: %s}" % (
            significant(answer["setup"]), significant(answer["logit"])),
    ], table


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--bundles", nargs="+", default=BUNDLES)
    parser.add_argument("--program", action="store_true", help="the device program's part alone")
    parser.add_argument("--bench", default=str(ROOT / ".build/release/agilenn-firmware"))
    parser.add_argument("--firmware", default=os.path.join(
        os.environ.get("AGILENN_CACHE", os.path.expanduser("~/.cache/agilenn")), "firmware"))
    arguments = parser.parse_args()

    if arguments.program:
        cameras, program, _ = program_lines(
            arguments.bench, arguments.firmware, arguments.bundles)
        print("\n".join(cameras + program))
        return
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
    cameras, program, work = program_lines(
        arguments.bench, arguments.firmware, arguments.bundles)
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
            writer.writerow(("work", "run", "units", "references", "bytes", "cycles"))
            writer.writerows(work)


if __name__ == "__main__":
    main()
