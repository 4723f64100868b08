#!/usr/bin/env python3
"""Fits the kernel presets of Config/kernels to published times on Cortex-M7 boards.

    scripts/fit_clock.py            prints the coefficients and every row, predicted and published
    scripts/fit_clock.py --write    also rewrites Config/kernels/{cmsis-nn,...}.yaml, all but swift
    scripts/fit_clock.py --table    prints the rows as the table of docs/clock.md

Needs numpy alone. The method: an operator's cycles are a sum of terms (CostTerm.swift); the
coefficients are those that minimise the squared relative errors of all rows of a library, none
negative. docs/clock.md says what was fitted to what, and how far it misses.
"""

import pathlib
import re
import sys

import numpy as np

from public_nets import (
    agilenn_extractor, autoencoder, ds_cnn, mnasnet, mobilenet_v1, mobilenet_v2, proxyless, resnet8,
    small_cifar)

# --- Published times ------------------------------------------------------------------------

EEES = "EEESlab/mobilenet_v1_stm32_cmsis_nn"
FIGURE = "mit-han-lab/mcunet, latency_mem.png"
README = "TinyEngine README at c71768b"
TINY = "mlcommons/tiny_results"

# Elapsed cycles by layer, STM32H743 at 400 MHz; the whole of the source's table.
LAYER_CYCLES = [
    5336698, 6852997, 3234362, 2811340, 2139701, 4961183, 3516545, 1250344, 1703826, 2330715,
    3061483, 587519, 1516726, 1132775, 2911048, 1133023, 2906036, 1133231, 2910099, 1133104,
    2914411, 1133204, 2913557, 286593, 1582427, 565662, 3116120, 38831, 682141]


class Row:
    """A graph and its published time; `fitted` False: a check that took no part in the fit."""

    def __init__(self, name, graph, ms, megahertz, board, source, fitted=True, weight=1.0):
        self.name, self.graph, self.board, self.source = name, graph, board, source
        self.megahertz, self.fitted, self.weight = megahertz, fitted, weight
        self.cycles = ms * megahertz * 1e3


def f746(name, graph, ms, source, **more):
    return Row(name, graph, ms, 216, "F746", source, **more)


def h7a3(name, graph, ms, source, **more):
    return Row(name, graph, ms, 280, "H7A3", source, **more)


def layer_rows():
    rows = []
    for i, (op, cycles) in enumerate(zip(mobilenet_v1(160, 1000), LAYER_CYCLES)):
        name = "MobileNetV1 0.25@160, layer %d: %s to %dx%dx%d" % (
            i + 1, op["class"], *op["size"], op["channels"])
        rows.append(Row(name, [op], cycles / 400e3, 400, "H743", EEES))
    return rows


def rows_of(library):
    figure = {"cmsis-nn": (137, 149, 155, 195), "tinyengine": (129, 95, 102, 118),
              "tflm": (393, 296, 309, 366)}
    if library == "x-cube-ai":
        return [
            h7a3("MLPerf Tiny ResNet-8 (54.3 and 51.9)", resnet8(), 53.1, TINY + " v1.0, v1.1"),
            h7a3("MLPerf Tiny DS-CNN (16.8 and 15.4)", ds_cnn(), 16.1, TINY + " v1.0, v1.1"),
            h7a3("MLPerf Tiny VWW, MobileNetV1 0.25@96", mobilenet_v1(96, 2), 50.7, TINY + " v1.0"),
            h7a3("MLPerf Tiny autoencoder", autoencoder(), 1.826, TINY + " v1.0"),
            f746("ProxylessNAS w0.3@176", proxyless(176), 484, README),
        ]
    small, v2, prox, mnas = figure[library]
    rows = [
        f746("SmallCifar", small_cifar(), small, FIGURE, weight=3),
        f746("MobileNetV2 w0.35@64", mobilenet_v2(64), v2, FIGURE, weight=3),
        f746("ProxylessNAS w0.3@64", proxyless(64), prox, FIGURE, weight=3),
        # Whether the last convolution was scaled is not told, so that it is no part of the fit.
        f746("MnasNet w0.2@96, last 1280", mnasnet(96, 1280), mnas, FIGURE, fitted=False),
        f746("MnasNet w0.2@96, last 256", mnasnet(96, 256), mnas, FIGURE, fitted=False),
    ]
    if library == "tinyengine":
        rows += [
            f746("MobileNetV2 w0.35@144", mobilenet_v2(144), 292, README, weight=3),
            f746("ProxylessNAS w0.3@176", proxyless(176), 425, README),
        ]
    if library == "cmsis-nn":
        rows = layer_rows() + rows + [
            Row("MobileNetV1 0.25@160, whole", mobilenet_v1(160, 1000),
                sum(LAYER_CYCLES) / 400e3, 400, "H743", EEES, fitted=False),
            f746("AgileNN's extractor and local network", agilenn_extractor(), 14.0,
                 "the paper's Fig. 16, 11 to 16", fitted=False),
        ]
    return rows


# --- The fit --------------------------------------------------------------------------------


def nonnegative_least_squares(a, b):
    """Lawson and Hanson's active-set method, Solving Least Squares Problems (1974), ch. 23."""
    n = a.shape[1]
    x, passive = np.zeros(n), np.zeros(n, bool)
    gradient = a.T @ (b - a @ x)
    while not passive.all() and gradient[~passive].max() > 1e-10:
        passive[np.where(~passive, gradient, -np.inf).argmax()] = True
        while True:
            s = np.zeros(n)
            s[passive] = np.linalg.lstsq(a[:, passive], b, rcond=None)[0]
            if s[passive].min() > 0:
                break
            stuck = passive & (s <= 0)
            step = (x[stuck] / (x[stuck] - s[stuck])).min()
            x = x + step * (s - x)
            passive &= x > 1e-14
        x = s
        gradient = a.T @ (b - a @ x)
    return x


def fit(columns, rows, fixed=lambda graph: 0.0, priors=None, trust=0.05):
    """Coefficients of `columns`, functions of a graph, that minimise the relative errors.

    `priors` are values that a coefficient is drawn to, with the weight `trust`, where the rows
    alone would leave it to chance.
    """
    rows = [r for r in rows if r.fitted]
    a = np.array([[c(r.graph) / r.cycles for c in columns.values()] for r in rows])
    b = np.array([1 - fixed(r.graph) / r.cycles for r in rows])
    w = np.array([r.weight for r in rows])
    a, b = a * w[:, None], b * w
    for i, name in enumerate(columns):
        if name in (priors or {}):
            line = np.zeros(len(columns))
            line[i] = trust / priors[name]
            a, b = np.vstack([a, line]), np.append(b, trust)
    scale = a.max(axis=0)
    return dict(zip(columns, nonnegative_least_squares(a / scale, b) / scale))


CONVOLUTIONS = ("conv2D", "shallowConv2D", "pointwise")

KERNELS = pathlib.Path(__file__).resolve().parent.parent / "Config" / "kernels"

# Not measured anywhere: counted on paper from the kernels' inner loops, about one instruction a
# cycle (docs/clock.md). The pools' and the mean's are in the fit.
ESTIMATES = {
    "add": {"output": 30}, "mul": {"output": 22}, "maxPool2D": {"column": 3},
    "pad": {"output": 1.5}, "copy": {"output": 0.5}, "transpose": {"output": 8},
    "softmax": {"output": 150}, "logistic": {"output": 10}, "stridedSlice": {"output": 4},
    "concatenation": {"output": 1}, "quantize": {"output": 20}, "dequantize": {"output": 6},
    "requantize": {"output": 20}, "resizeNearest": {"output": 4}, "camera": {"output": 12},
    "resizedCamera": {"output": 12},
}


def total(graph, classes, term):
    return float(sum(op[term] for op in graph if op["class"] in classes))


def predict(graph, preset):
    return sum(cycles * op[term] for op in graph for term, cycles in preset[op["class"]].items())


def part(preset, classes):
    """The cycles of some classes of a preset, as a column of another library's fit."""
    return lambda graph: predict([op for op in graph if op["class"] in classes], preset)


def fit_cmsis_nn():
    """Convolutions share what they pay for each pixel, output and weight; those with a window have
    their own product (its weights do not stay in the cache) and the im2col matrix beside."""
    windowed = ("conv2D", "shallowConv2D")
    columns = {}
    for term in ("pixel", "output", "weight"):
        columns["convolution", term] = lambda g, t=term: total(g, CONVOLUTIONS, t)
    for term in ("mac", "column"):
        columns["window", term] = lambda g, t=term: total(g, windowed, t)
    for term in ("mac", "setup"):
        columns["pointwise", term] = lambda g, t=term: total(g, ["pointwise"], t)
    for term in ("pixel", "output", "mac"):
        columns["depthwiseConv2D", term] = lambda g, t=term: total(g, ["depthwiseConv2D"], t)
    columns["fullyConnected", "mac"] = lambda g: total(g, ["fullyConnected"], "mac")
    columns["averagePool2D", "column"] = lambda g: sum(
        op["tap"] * op["channels"] for op in g if op["class"] == "averagePool2D")
    x = fit(columns, rows_of("cmsis-nn"), fixed=part(ESTIMATES, ESTIMATES))
    preset = {c: {} for c in CONVOLUTIONS + ("depthwiseConv2D", "fullyConnected")}
    members = {"convolution": CONVOLUTIONS, "window": windowed}
    for (name, term), cycles in x.items():
        for member in members.get(name, (name,)):
            preset.setdefault(member, {})[term] = cycles
    preset["mean"] = {"input": x["averagePool2D", "column"]}
    return {**preset, **ESTIMATES}


def scaled(preset, classes, factor):
    return {c: {t: v * factor for t, v in preset[c].items() if t != "setup"} for c in classes}


def fit_relative(library, cmsis, depthwise, priors, setup=True, dense=False):
    """Another library as CMSIS-NN's cost times one factor for each class of work.

    `depthwise` are the terms of its own depthwise kernel; few rows leave no room for more.
    """
    bare = {**cmsis, "pointwise": {t: v for t, v in cmsis["pointwise"].items() if t != "setup"}}
    followers = CONVOLUTIONS + (() if dense else ("fullyConnected",))
    columns = {"convolution": part(bare, followers)}
    if dense:
        columns["fullyConnected"] = part(bare, ["fullyConnected"])
    for term in depthwise:
        columns["depthwise", term] = lambda g, t=term: total(g, ["depthwiseConv2D"], t)
    if setup:
        columns["setup"] = lambda g: total(g, ["pointwise"], "setup")
    rest = [c for c in cmsis if c not in CONVOLUTIONS + ("depthwiseConv2D", "fullyConnected")]
    x = fit(columns, rows_of(library), fixed=part(cmsis, rest), priors=priors)
    preset = scaled(cmsis, CONVOLUTIONS, x["convolution"])
    preset["fullyConnected"] = scaled(
        cmsis, ["fullyConnected"], x["fullyConnected" if dense else "convolution"])[
            "fullyConnected"]
    preset["depthwiseConv2D"] = {t: x["depthwise", t] for t in depthwise}
    if setup:
        preset["pointwise"]["setup"] = x["setup"]
    return preset


def fit_compressor():
    """Quantiser and LZW from the paper's compressor times (Fig. 16) at 216 MHz.

    Symbols are 19 channels of 32x32 or 64x64; bytes are the network times at 6 Mbps.
    """
    published = [("CIFAR-10", 1.9, 19 * 1024, 3800), ("CIFAR-100", 2.0, 19 * 1024, 4000),
                 ("SVHN", 1.5, 19 * 1024, 1600), ("ImageNet-200", 9.9, 19 * 4096, 15600)]
    rows = [Row(name, (symbols, size), ms, 216, "F746", "the paper's Fig. 16")
            for name, ms, symbols, size in published]
    x = fit({"symbol": lambda g: g[0], "byte": lambda g: g[1]}, rows)
    return x, [(r, x["symbol"] * r.graph[0] + x["byte"] * r.graph[1]) for r in rows]


# --- Output ---------------------------------------------------------------------------------

QUANTISE = 6  # of the compressor's cycles a symbol: two loads, a store, and the loop

HEADERS = {
    "cmsis-nn": "CMSIS-NN", "x-cube-ai": "X-CUBE-AI 7", "tinyengine": "TinyEngine",
    "tflm": "TensorFlow Lite Micro"}

SOURCES = {
    "cmsis-nn": "fit to %s and %s" % (EEES, FIGURE),
    "x-cube-ai": "fit to %s v1.0 and v1.1 and to %s" % (TINY, README),
    "tinyengine": "fit to %s and %s" % (FIGURE, README), "tflm": "fit to %s" % FIGURE}

TERMS = ("setup", "pixel", "tap", "column", "mac", "output", "input", "weight")


def significant(value):
    return ("%.4g" % value) if value < 1000 else "%d" % round(value)


def yaml(library, preset, program=None):
    lines = ["# Cycles of %s on a Cortex-M7, written by scripts/fit_clock.py --write." % HEADERS[library],
             "# What was fitted to what, and how far it misses, is in docs/clock.md.",
             "name: %s" % library]
    if library != "cmsis-nn":
        lines.append("extends: cmsis-nn")
    lines += ["source: %s" % SOURCES[library], "estimate: false",
              "operators:   # cycles for each unit of a term (CostTerm)"]
    for name in sorted(preset, key=lambda c: list(preset).index(c)):
        terms = [(t, preset[name][t]) for t in TERMS if preset[name].get(t, 0) > 0]
        lines.append("  %s: {%s}" % (
            name, ", ".join("%s: %s" % (t, significant(v)) for t, v in terms) or "setup: 0"))
    if program is not None:
        lines += [
            "# The device program's own work, the same beside every library; in cycles. Quantiser and",
            "# LZW: the paper's compressor times. The range coder and JPEG: our own, as counted (swift.yaml).",
            "# The rest are estimates. A frame's bytes are copied once into the radio's buffer. A logit",
            "# costs a conversion, a product and half of a sum and a comparison in the FPU.",
            "program:",
            "  quantise: {symbol: %d}" % QUANTISE,
            "  encode: {lzw: {symbol: %s, byte: %s}, %s, %s}" % (
                significant(program["symbol"] - QUANTISE), significant(program["byte"]),
                counted("range"), counted("jpeg")),
            "  frame: {setup: 600, byte: 2}", "  answer: {setup: 600, logit: 20}"]
    return "\n".join(lines) + "\n"


def counted(coder):
    """A coder's cycles as the preset `swift` has them: nobody has published another's."""
    return re.search(coder + r": \{[^}]*\}", (KERNELS / "swift.yaml").read_text())[0]


def main():
    cmsis = fit_cmsis_nn()
    presets = {
        "cmsis-nn": cmsis,
        "x-cube-ai": fit_relative(
            "x-cube-ai", cmsis, ("output", "mac"), {}, setup=False, dense=True),
        "tinyengine": fit_relative("tinyengine", cmsis, ("mac",), {("depthwise", "mac"): 2.5}),
        "tflm": fit_relative(
            "tflm", cmsis, ("output", "mac"),
            {("depthwise", "mac"): 12.0, ("depthwise", "output"): 100.0}),
    }
    program, compressor = fit_compressor()
    table = "--table" in sys.argv
    if table:
        print("| library | model | board, MHz | published ms | predicted ms | error | source |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
    for library, preset in presets.items():
        text = yaml(library, preset, program if library == "cmsis-nn" else None)
        if "--write" in sys.argv:
            (KERNELS / (library + ".yaml")).write_text(text)
        if not table:
            print(text)
        resolved = {**cmsis, **preset}
        for row in rows_of(library):
            show(library, row, predict(row.graph, resolved), table)
    for row, predicted in compressor:
        show("compressor", row, predicted, table)


def show(library, row, predicted, table):
    per_ms = row.megahertz * 1e3
    cells = (library, row.name + ("" if row.fitted else " (not fitted)"),
             "%s, %d" % (row.board, row.megahertz), "%.4g" % (row.cycles / per_ms),
             "%.4g" % (predicted / per_ms), "%+.1f %%" % (100 * (predicted / row.cycles - 1)),
             row.source)
    print("| " + " | ".join(cells) + " |" if table else "%-10s %-64s %-10s %8s %8s %8s" % cells[:6])


if __name__ == "__main__":
    main()
