"""Cycles of counted Cortex-M7 code: an in-order, dual-issue model of the core.

Two instructions issue in a cycle, in order, where their registers are ready and their units free:
two integer pipes, of which one shifts and one has the SIMD unit, one multiplier, two 32-bit load ports
(LDRD takes both), one store port, one branch unit, one floating-point unit. A result can be used after
1 cycle (arithmetic), 2 (arithmetic with a shifted operand, loads, multiplies; a sum that the next
multiply-accumulate adds to, 1), 3 (floating point) or 7 (division). These are the units and latencies
of LLVM's scheduling model of the core (ARMScheduleM7.td). A taken branch ends its cycle's issue and
costs one more; one that goes the rarer of its two ways is mispredicted and costs 6 more.
"""
import re

LATENCY = {
    "alu": 1, "shift": 2, "simd": 1, "load": 2, "store": 1, "mac": 2, "divide": 7, "branch": 1,
    "float": 3}
TAKEN, MISPREDICTED = 1, 6
LIMITS = {"alu": 2, "shift": 1, "simd": 1, "load": 2, "store": 1, "mac": 1, "divide": 1, "branch": 1,
          "float": 1}

CONDITION = "(eq|ne|hs|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?"
BRANCH = re.compile(r"(b|bl|bx|blx|cbz|cbnz|tbb|tbh)" + CONDITION + "$")
MAC = re.compile(r"(mul|mla|mls|sml|smm|smu|umu|uml|uma)")
SIMD = re.compile(r"([su]xta?[bh]|pkh|ssat|usat|[su]add|[su]sub|q|sel|ssub)")
REGISTER = re.compile(r"\b(r\d+|sp|lr|pc|[sd]\d+)\b")
RANGE = re.compile(r"\b([rsd])(\d+)-([rsd])(\d+)\b")


class Instruction:
    """One instruction: its unit, how many slots of the unit, what it reads and writes."""

    def __init__(self, mnemonic, operands):
        name = mnemonic.split(".")[0]
        text = operands.split("@")[0].split("<")[0]
        text = RANGE.sub(lambda m: ", ".join(
            m[1] + str(i) for i in range(int(m[2]), int(m[4]) + 1)), text)
        registers = REGISTER.findall(text)
        self.words, self.accumulator = 1, None
        self.address_writes = set()
        if name.startswith("it") or name in ("nop", "dmb", "dsb", "isb"):
            self.unit, writes, reads = "alu", [], []
        elif BRANCH.match(name):
            self.unit, writes, reads = "branch", ["lr"] if name.startswith("bl") else [], registers
        elif name.startswith(("ldm", "pop", "vldm", "vpop")) or name.startswith(("stm", "push", "vstm", "vpush")):
            loads = name.startswith(("ld", "pop", "vld", "vpop"))
            self.unit = "load" if loads else "store"
            inside = REGISTER.findall(text[text.find("{"):])
            self.words = len(inside)
            base = REGISTER.findall(text[:text.find("{")]) or ["sp"]
            writes, reads = (inside, base) if loads else ([], inside + base)
            self.address_writes = set(base)
        elif name.startswith(("ldr", "vldr", "str", "vstr")):
            loads = name.lstrip("v").startswith("ld")
            self.unit = "load" if loads else "store"
            count = 2 if name.startswith(("ldrd", "strd")) else 1
            self.words = count
            data, address = registers[:count], registers[count:]
            writes, reads = (data, address) if loads else ([], registers)
            if "!" in text or "]," in text.replace(" ", ""):
                self.address_writes = set(address[:1])
        elif name.startswith(("udiv", "sdiv", "vdiv", "vsqrt")):
            self.unit, writes, reads = "divide", registers[:1], registers[1:]
        elif MAC.match(name):
            self.unit = "mac"
            long = name.startswith(("smull", "umull", "smlal", "umlal", "umaal"))
            writes, reads = registers[:2 if long else 1], registers[2 if long else 1:]
            if name.startswith(("smlal", "umlal", "umaal")):
                reads = reads + writes
            if len(registers) == 4 and not long:
                self.accumulator = registers[3]
        elif name.startswith("v"):
            self.unit, writes, reads = "float", registers[:1], registers[1:]
            if name.startswith(("vmrs", "vcmp")):
                writes, reads = [], registers
            if name.startswith(("vmla", "vfma", "vmls")):
                reads = registers
        elif SIMD.match(name):
            self.unit, writes, reads = "simd", registers[:1], registers[1:]
        else:
            shifted = re.search(r",\s*(lsl|lsr|asr|ror)\b", text)
            plain = name.startswith(("lsl", "lsr", "asr", "ror"))
            self.unit = "shift" if shifted or plain else "alu"
            compares = name.startswith(("cmp", "cmn", "tst", "teq"))
            writes = [] if compares else registers[:1]
            two = not compares and len(registers) == 2 and not name.startswith(("mov", "mvn", "clz", "rsb")) \
                and "#" not in text
            reads = registers if compares or two or name.startswith(("movt", "bf")) else registers[1:]
            if len(registers) == 1 and not compares and not name.startswith("mov"):
                reads = registers
            if plain and not shifted:
                self.unit = "shift"
        sets_flags = name.startswith(("cmp", "cmn", "tst", "teq")) or (
            name.endswith("s") and self.unit in ("alu", "shift") and not name.endswith(("vs", "hs", "ls")))
        conditional = bool(re.match(r"b" + CONDITION[:-1] + "$", name)) or name.startswith("it")
        self.writes = set(writes) | ({"flags"} if sets_flags else set())
        self.reads = set(reads) | ({"flags"} if conditional else set())
        self.latency = 1 if self.unit == "shift" and not re.search(r",\s*(lsl|lsr|asr|ror)\b", text) \
            else LATENCY[self.unit]
        self.is_conditional_branch = self.unit == "branch" and (conditional or name.startswith("cb"))


class Core:
    """Issues instructions one after another; `cycle` is when the last one issued."""

    def __init__(self):
        self.cycle, self.slots, self.used = 0, 2, {}
        self.ready, self.accumulated = {}, {}

    def issue(self, instruction):
        start = self.cycle
        for register in instruction.reads:
            at = self.ready.get(register, 0)
            if register == instruction.accumulator:
                at = self.accumulated.get(register, at)
            start = max(start, at)
        pool = "alu" if instruction.unit in ("shift", "simd") else None
        ports = min(instruction.words, LIMITS[instruction.unit])
        while start > self.cycle or not self.has_room(instruction.unit, pool, ports):
            self.next_cycle()
        self.slots -= 1
        self.used[instruction.unit] = self.used.get(instruction.unit, 0) + ports
        if pool:
            self.used[pool] = self.used.get(pool, 0) + 1
        issued = self.cycle
        # A list of registers moves as many words in a cycle as there are ports.
        extra = -(-instruction.words // LIMITS[instruction.unit]) - 1
        for _ in range(extra):
            self.next_cycle()
        for register in instruction.writes:
            self.ready[register] = issued + extra + (
                1 if register == "flags" else instruction.latency)
            self.accumulated[register] = issued + (
                1 if instruction.unit == "mac" else extra + instruction.latency)
        for register in instruction.address_writes:
            self.ready[register] = self.accumulated[register] = issued + 1

    def has_room(self, unit, pool, ports):
        return (self.slots > 0 and self.used.get(unit, 0) + ports <= LIMITS[unit]
                and (pool is None or self.used.get(pool, 0) < LIMITS[pool]))

    def next_cycle(self):
        self.cycle, self.slots, self.used = self.cycle + 1, 2, {}


def block_cycles(instructions, loops):
    """Cycles of one pass through a block; of a block that branches to itself, a steady pass."""
    core = Core()
    if loops:
        for _ in range(4):
            for instruction in instructions:
                core.issue(instruction)
            core.next_cycle()
    before = core.cycle
    for instruction in instructions:
        core.issue(instruction)
    core.next_cycle()
    return core.cycle - before
