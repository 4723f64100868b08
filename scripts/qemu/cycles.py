#!/usr/bin/env python3
"""Cycles of counted firmware runs, by phase: instruction counts and the model of cortex_m7.py.

    cycles.py FIRMWARE.elf COUNTS

COUNTS is what `agilenn-firmware --counts` wrote. Prints a line for each job and phase: instructions,
cycles as issued from instruction memory without a wait, and of them those lost to branches. What
flash costs besides is not in it: docs/clock.md.
"""
import argparse

import classes
import cortex_m7


class Program:
    """The firmware's instructions, and the cycles of its basic blocks once they are known."""

    def __init__(self, image):
        self.code = classes.disassemble(image)
        self.order = sorted(self.code)
        self.next = dict(zip(self.order, self.order[1:]))
        self.parsed = {a: cortex_m7.Instruction(m, o) for a, (m, o, _) in self.code.items()}
        self.known = {}

    def block(self, addresses):
        """Cycles of one pass."""
        key = (addresses[0], addresses[-1])
        if key not in self.known:
            last = self.code[addresses[-1]]
            loops = self.parsed[addresses[-1]].unit == "branch" and (
                "0x%x " % addresses[0] in last[1] + " ")
            self.known[key] = cortex_m7.block_cycles([self.parsed[a] for a in addresses], loops)
        return self.known[key]

    def blocks(self, counts):
        """Runs of instructions that were executed as often, up to a branch."""
        run = []
        for address in sorted(counts):
            if run and (self.next.get(run[-1]) != address or counts[address][0] != counts[run[-1]][0]
                        or self.parsed[run[-1]].unit == "branch"):
                yield run
                run = []
            run.append(address)
        if run:
            yield run

    def cycles(self, counts):
        """(instructions, cycles, of them branch costs) of {address: (count, branches taken)}."""
        counts = {a: c for a, c in counts.items() if a in self.parsed}
        instructions = sum(count for count, _ in counts.values())
        issued = sum(self.block(run) * counts[run[0]][0] for run in self.blocks(counts))
        branches = 0
        for address, (count, leaves) in counts.items():
            if self.parsed[address].unit != "branch":
                continue
            branches += leaves * cortex_m7.TAKEN
            if self.parsed[address].is_conditional_branch:
                branches += min(leaves, count - leaves) * cortex_m7.MISPREDICTED
        return instructions, issued + branches, branches


def read(path):
    """Yields (job, phase, {address: (count, leaves)}), in order; counts are for one inference."""
    job, inferences, phases = None, 1, {}
    with open(path) as file:
        for line in file:
            words = line.split()
            if words[0] == "job":
                yield from ((job, phase, phases[phase]) for phase in sorted(phases))
                job, inferences, phases = words[1], int(words[2]), {}
                continue
            phase, address, count, leaves = (
                int(words[0]), int(words[1], 16), int(words[2]), int(words[3]))
            phases.setdefault(phase, {})[address] = (count / inferences, leaves / inferences)
    yield from ((job, phase, phases[phase]) for phase in sorted(phases))


def coded(path):
    """{job: (coder, parts, symbols, references, blocks, pixels, bytes of payload)} of one inference, on
    average."""
    with open(path) as file:
        jobs = [line.split() for line in file if line.startswith("job ")]
    return {name: (coder,) + tuple(int(amount) / int(inferences) for amount in amounts)
            for _, name, inferences, coder, *amounts in jobs}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("image")
    parser.add_argument("counts")
    arguments = parser.parse_args()
    program = Program(arguments.image)
    for job, phase, counts in read(arguments.counts):
        print("%s %d %d %d %d" % ((job, phase) + program.cycles(counts)))


if __name__ == "__main__":
    main()
