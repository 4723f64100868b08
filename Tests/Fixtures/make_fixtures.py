#!/usr/bin/env python3
"""Writes the bundles, models, pictures and answers that the tests read.

    python Tests/Fixtures/make_fixtures.py             needs what scripts/requirements-test.txt lists

- bundles/tiny: a bundle of a few kB in AgileNN's shape, for tests of the whole chain. Device: an 8x8
  convolution of stride 8 from 32x32x3 to 8 channels at 4x4; the first 3 are pooled and classified,
  the other 5 are sent. Server: one dense layer.
- bundles/mcunet, edge-only, deepcod, spinn: one of each other scheme (scheme_bundles.py).
- pictures: images for these four.
- answers: what the four must answer to the pictures, by independent oracles (scheme_answers.py), and
  what edge-only must to pictures that a codec has coded (codec_answers.py).
- models/large.tflite: a network whose activations no board of ours holds.

The networks are untrained (seeded random weights, scales calibrated on random pictures), so that
their answers mean nothing, but vary.
"""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import onnx
import tflite
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

import codec_answers
import scheme_bundles
from quantised import NONE, ModelWriter, Quantisation, pictures, spread, weighted
from scheme_answers import answers

FOLDER = Path(__file__).parent
SIDE, PATCH, CHANNELS, KEPT, CLASSES, CENTRES = 32, 8, 8, 3, 10, 8
GRID = SIDE // PATCH
SHOWN = 12


def device(random, images):
    """-> the .tflite bytes and the float features of `images`, NCHW."""
    filters = random.normal(0, 1, (CHANNELS, PATCH, PATCH, 3))
    filters -= filters.mean(axis=(1, 2, 3), keepdims=True)
    dense = random.normal(0, 1, (CLASSES, KEPT))
    patches = images.reshape(-1, GRID, PATCH, GRID, PATCH, 3).transpose(0, 1, 3, 2, 4, 5)
    features = np.einsum("nyxhwc,ohwc->nyxo", patches, filters)
    pooled = features[..., :KEPT].mean(axis=(1, 2))
    feature_q, pooled_q = spread(features), spread(pooled)
    logits_q = spread(pooled @ dense.T)

    w = ModelWriter()
    pixel_q = Quantisation(np.float32(1 / 255), -128)
    x = w.tensor((1, SIDE, SIDE, 3), pixel_q, name="image")
    y = w.tensor((1, GRID, GRID, CHANNELS), feature_q)
    w.operator("CONV_2D", 3, [x, *weighted(w, filters, 1 / 255)], [y], "Conv2DOptions",
               Padding=tflite.Padding.VALID, StrideH=PATCH, StrideW=PATCH, DilationHFactor=1,
               DilationWFactor=1, FusedActivationFunction=NONE)
    kept = w.tensor((1, GRID, GRID, KEPT), feature_q)
    sent = w.tensor((1, GRID, GRID, CHANNELS - KEPT), feature_q, name="features")
    for tensor, begin, end in ((kept, 0, KEPT), (sent, KEPT, CHANNELS)):
        w.operator("STRIDED_SLICE", 2,
                   [y, w.constant([0, 0, 0, begin]), w.constant([1, GRID, GRID, end]),
                    w.constant([1, 1, 1, 1])], [tensor], "StridedSliceOptions")
    mean = w.tensor((1, KEPT), pooled_q)
    w.operator("MEAN", 2, [kept, w.constant([1, 2])], [mean], "ReducerOptions", KeepDims=False)
    logits = w.tensor((1, CLASSES), logits_q, name="localLogits")
    w.operator("FULLY_CONNECTED", 4, [mean, *weighted(w, dense, pooled_q.scales[0])], [logits],
               "FullyConnectedOptions", FusedActivationFunction=NONE)
    return w.write([x], [logits, sent]), features[..., KEPT:].transpose(0, 3, 1, 2), feature_q


def remote(random, features):
    """-> the .onnx bytes."""
    size = (CHANNELS - KEPT) * GRID * GRID
    weights = random.normal(0, 1, (CLASSES, size)) / features.std() / np.sqrt(size)
    model = helper.make_model(
        helper.make_graph(
            [helper.make_node("Flatten", ["features"], ["flat"], axis=1),
             helper.make_node("Gemm", ["flat", "weights"], ["logits"], transB=1)],
            "tiny",
            [helper.make_tensor_value_info(
                "features", TensorProto.FLOAT, ["N", CHANNELS - KEPT, GRID, GRID])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", CLASSES])],
            [numpy_helper.from_array(weights.astype(np.float32), "weights")]),
        opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model.SerializeToString()


def large():
    """A pooling of 400x400x3: 480,000 bytes in, a quarter of that out."""
    w = ModelWriter()
    q = Quantisation(np.float32(1), 0)
    x = w.tensor((1, 400, 400, 3), q, name="image")
    y = w.tensor((1, 200, 200, 3), q, name="pooled")
    w.operator("MAX_POOL_2D", 2, [x], [y], "Pool2DOptions", Padding=tflite.Padding.VALID,
               StrideH=2, StrideW=2, FilterHeight=2, FilterWidth=2,
               FusedActivationFunction=NONE)
    return w.write([x], [y])


def tiny():
    """-> the manifest and the files of the bundle."""
    random = np.random.default_rng(20221017)
    images = pictures(random, 256, GRID, PATCH)
    graph, features, quantisation = device(random, images)
    centres = np.quantile(features, (np.arange(CENTRES) + 0.5) / CENTRES).astype(np.float32)
    values = (np.arange(-128, 128) - int(quantisation.zero_points[0])) * quantisation.scales[0]
    symbols = np.abs(values[:, None] - centres).argmin(axis=1)
    files = {"device.tflite": graph, "remote.onnx": remote(random, features)}
    manifest = {
        "format": 2, "scheme": "agilenn", "dataset": "digits",
        "input": {"width": SIDE, "height": SIDE, "resize": "none", "fit": "stretch"},
        "graphs": {"device": {"file": "device.tflite"}, "remote": {"file": "remote.onnx"}},
        "paths": [{
            "name": "offload", "device": "device",
            "sends": [{
                "tensor": "features", "to": "features",
                "symbols": [{"symbolOf": [int(s) for s in symbols],
                             "valueOf": [float(c) for c in centres]}],
                "coder": {"name": "lzw"}, "missing": [0.0]}],
            "remote": "remote",
            "exits": [{"name": "local", "where": "device", "tensor": "localLogits",
                       "alpha": [0.25]},
                      {"name": "remote", "where": "server", "tensor": "logits"}]}],
        "labels": [str(digit) for digit in range(CLASSES)],
    }
    return manifest, files


def shown():
    """Pictures for the schemes' bundles, uint8 [N,H,W,3]."""
    random = np.random.default_rng(24)
    images = pictures(random, SHOWN, scheme_bundles.GRID, scheme_bundles.PATCH)
    return np.rint(255 * images).astype(np.uint8)


def signed(manifest, files):
    """The manifest with its files' digests."""
    def sign(entry):
        entry["sha256"] = hashlib.sha256(files[entry["file"]]).hexdigest()

    for entry in manifest["graphs"].values():
        sign(entry)
    for path in manifest["paths"]:
        for send in path.get("sends", []):
            if "tables" in send.get("coder", {}):
                sign(send["coder"]["tables"])
    return manifest


def write_json(file, content):
    """Lists of numbers and strings take one line."""
    text = json.dumps(content, indent=2)
    text = re.sub(r"\[\s+([^\[\]{}]*?)\s+\]",
                  lambda found: "[" + re.sub(r",\s+", ", ", found[1]) + "]", text)
    file.write_text(text + "\n")


def write_bundle(name, manifest, files):
    folder = FOLDER / "bundles" / name
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    write_json(folder / "bundle.json", signed(manifest, files))


def main():
    for name in ("models", "pictures", "answers"):
        (FOLDER / name).mkdir(exist_ok=True)
    (FOLDER / "models" / "large.tflite").write_bytes(large())
    write_bundle("tiny", *tiny())
    images = shown()
    for index, image in enumerate(images):
        Image.fromarray(image).save(FOLDER / "pictures" / f"{index:02}.png", optimize=True)
    for name, (manifest, files) in {
            "mcunet": scheme_bundles.mcunet(), "edge-only": scheme_bundles.edge_only(),
            "deepcod": scheme_bundles.deepcod(), "spinn": scheme_bundles.spinn(images)}.items():
        write_bundle(name, manifest, files)
        write_json(FOLDER / "answers" / f"{name}.json", answers(manifest, files, images))
        if name == "edge-only":
            write_json(FOLDER / "answers" / "codecs.json",
                       codec_answers.answers(files["remote.onnx"], images))


if __name__ == "__main__":
    main()
