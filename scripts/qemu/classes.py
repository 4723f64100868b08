#!/usr/bin/env python3
"""Classes of the instructions that the counter counted, by phase.

    classes.py FIRMWARE.elf COUNTS [--by phase|symbol|both]

COUNTS is what `agilenn-firmware --counts` wrote. Prints a table: job, phase (or symbol), instructions,
and of them loads, stores (words moved by LDM, STM, LDRD and the like count each in `words`),
multiplies, multiply-accumulates of two halves, floating point, branches, branches taken, divisions.
"""
import argparse
import collections
import os
import re
import shutil
import subprocess

COLUMNS = (
    "instructions", "load", "store", "words", "multiply", "float", "divide", "branch", "taken",
    "other",
)

LINE = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)\s*(.*)$")
SYMBOL = re.compile(r"^([0-9a-f]+) <(.+)>:$")


def disassemble(image):
    """Address -> (mnemonic, operands, symbol)."""
    # The Swift toolchain brings it, whether or not it is on the PATH itself.
    compiler = os.path.realpath(shutil.which("swiftc") or "")
    tool = shutil.which("llvm-objdump", path=os.path.dirname(compiler)) or "llvm-objdump"
    text = subprocess.run(
        [tool, "-d", "--no-show-raw-insn", "--mcpu=cortex-m7", image],
        check=True, capture_output=True, text=True).stdout
    found, symbol = {}, "?"
    for line in text.splitlines():
        if match := SYMBOL.match(line):
            symbol = match[2]
        elif match := LINE.match(line):
            found[int(match[1], 16)] = (match[2], match[3], symbol)
    return found


def registers(operands):
    """Registers in a list such as {r4-r7, lr}."""
    inside = operands[operands.find("{") + 1:operands.find("}")]
    total = 0
    for part in inside.split(","):
        ends = re.findall(r"\d+", part)
        total += int(ends[1]) - int(ends[0]) + 1 if "-" in part and len(ends) == 2 else 1
    return total


def classify(mnemonic, operands):
    """(class, words moved)."""
    name = mnemonic.split(".")[0]
    if name in ("vldmia", "vpop", "ldm", "ldmdb", "ldmia", "pop"):
        return "load", registers(operands)
    if name in ("vstmia", "vstmdb", "vpush", "stm", "stmdb", "stmia", "push"):
        return "store", registers(operands)
    if name.startswith(("ldrd", "strd")):
        return ("load" if name.startswith("l") else "store"), 2
    if name.startswith(("ldr", "vldr")):
        return "load", 1
    if name.startswith(("str", "vstr")):
        return "store", 1
    if name.startswith(("udiv", "sdiv", "vdiv", "vsqrt")):
        return "divide", 0
    if name.startswith(("mul", "mla", "mls", "smul", "smla", "smmul", "smmla", "umul", "umla", "smlal",
                        "umaal", "smua", "smus", "smls")):
        return "multiply", 0
    if name.startswith("v"):
        return "float", 0
    if re.fullmatch(r"(b|bl|bx|blx|cbz|cbnz|tbb|tbh)(eq|ne|hs|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?",
                    name):
        return "branch", 0
    return "other", 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("image")
    parser.add_argument("counts")
    parser.add_argument("--by", choices=("phase", "symbol", "both"), default="phase")
    arguments = parser.parse_args()
    code = disassemble(arguments.image)
    job = "?"
    sums = collections.OrderedDict()
    with open(arguments.counts, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("job "):
                job = line[4:].strip()
                continue
            phase, address, count, leaves = line.split()
            count, leaves = int(count), int(leaves)
            mnemonic, operands, symbol = code.get(int(address, 16), ("?", "", "?"))
            key = {"phase": (job, phase), "symbol": (job, symbol),
                   "both": (job, phase, symbol)}[arguments.by]
            row = sums.setdefault(key, collections.Counter())
            kind, words = classify(mnemonic, operands)
            row["instructions"] += count
            row[kind] += count
            row["words"] += words * count
            row["taken"] += leaves
    print("\t".join(COLUMNS + ("job", arguments.by)))
    for key, row in sums.items():
        print("\t".join([str(row[name]) for name in COLUMNS] + [str(part) for part in key]))


if __name__ == "__main__":
    main()
